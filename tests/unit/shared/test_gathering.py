"""Pieces that come together are done together; one that fails spoils no other."""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from shared.gathering import Gatherer


class Store:
    """Does letters: holds the first batch until released, remembers every batch."""

    def __init__(self):
        self.batches = []
        self.release = threading.Event()
        self.begun = threading.Event()
        self.bad = set()
        self.away = False

    def act(self, letters):
        self.batches.append(list(letters))
        self.begun.set()
        self.release.wait(10)
        if self.away:
            raise OperationalError("x", {}, Exception())
        if self.bad & set(letters):
            raise ValueError
        return [KeyError(one) if one.isdigit() else one.upper() for one in letters]

    def together(self, *letters, **how):
        """Bring the first, then the others while the first is being done; returns what each was answered."""
        gatherer = Gatherer(self.act, key=str, **how)
        found = []
        threads = [threading.Thread(target=bring, args=(gatherer, one, found)) for one in letters]
        threads[0].start()
        assert self.begun.wait(10)
        for thread in threads[1:]:
            thread.start()
        while len(gatherer._waiting) < len(threads) - 1:
            threading.Event().wait(0.001)
        self.release.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        return sorted(found)


def bring(gatherer, letter, found):
    try:
        found.append(gatherer.do(letter))
    except Exception as error:
        found.append(f"{letter}: {type(error).__name__}")


@pytest.fixture
def store():
    return Store()


def test_who_comes_alone_is_served_alone(store):
    assert store.together("a") == ["A"]
    assert store.batches == [["a"]]


def test_who_comes_meanwhile_is_served_together(store):
    assert store.together("a", "b", "c", "d") == ["A", "B", "C", "D"]
    assert [sorted(batch) for batch in store.batches] == [["a"], ["b", "c", "d"]]


def test_after_a_rest_it_begins_anew(store):
    store.release.set()
    gatherer = Gatherer(store.act, key=str)
    assert [gatherer.do(one) for one in "abc"] == ["A", "B", "C"]
    assert store.batches == [["a"], ["b"], ["c"]]


def test_two_with_the_same_key_are_never_in_one_set(store):
    assert store.together("a", "b", "b") == ["A", "B", "B"]
    assert store.batches == [["a"], ["b"], ["b"]]


def test_more_than_fit_go_on(store):
    assert store.together(*"abcdefgh", most=2) == list("ABCDEFGH")
    assert max(len(batch) for batch in store.batches) == 2


def test_one_that_spoils_the_set_is_refused_alone(store):
    store.bad = {"c"}
    assert store.together("a", "b", "c", "d") == ["A", "B", "D", "c: ValueError"]


def test_a_refusal_is_for_the_one_it_is_meant_for(store):
    assert store.together("a", "1", "b") == ["1: KeyError", "A", "B"]


def test_when_the_database_is_away_everybody_is_told_at_once(store):
    store.away = True
    assert {one.partition(": ")[2] for one in store.together("a", "b", "c")} == {"OperationalError"}
    assert len(store.batches) == 2
