"""Assessments that come together are stored together; one that fails spoils no other."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from services.intake.operations import gathering
from services.intake.operations.gathering import Submissions
from services.intake.operations.submitting import Accepted, IdTaken, NeedIdTaken
from shared.clock import utc_now


class Store:
    """Stands for the database: holds the first batch until released, remembers every batch."""

    def __init__(self):
        self.batches = []
        self.release = threading.Event()
        self.begun = threading.Event()
        self.bad = set()
        self.away = False

    @contextmanager
    def begin(self):
        yield "conn"

    def submit(self, conn, vault, incoming, *, now, correlations):
        ids = [one.assessment.id for one in incoming]
        self.batches.append(ids)
        self.begun.set()
        self.release.wait(10)
        if self.away:
            raise OperationalError("x", {}, Exception())
        if self.bad & set(ids):
            raise NeedIdTaken
        return {
            one: IdTaken() if one.startswith("taken") else Accepted(one, "submitted", (), True) for one in ids
        }


@pytest.fixture
def store(monkeypatch):
    made = Store()
    monkeypatch.setattr(gathering, "submit", made.submit)
    return made


def send(gatherer, name, found):
    incoming = SimpleNamespace(assessment=SimpleNamespace(id=name))
    try:
        found.append(gatherer.submit(incoming, correlation_id=None).id)
    except Exception as error:
        found.append((name, type(error).__name__))


def together(store, *names):
    """Send the first, then the others while the first is being stored; returns what each was answered."""
    gatherer = Submissions(store.begin, None, utc_now)
    found = []
    first = threading.Thread(target=send, args=(gatherer, names[0], found))
    first.start()
    assert store.begun.wait(10)
    others = [threading.Thread(target=send, args=(gatherer, name, found)) for name in names[1:]]
    for thread in others:
        thread.start()
    while len(gatherer._gatherer._waiting) < len(others):
        threading.Event().wait(0.001)
    store.release.set()
    for thread in (first, *others):
        thread.join(10)
        assert not thread.is_alive()
    return found


def test_who_comes_alone_is_stored_alone(store):
    assert together(store, "a") == ["a"]
    assert store.batches == [["a"]]


def test_who_comes_meanwhile_is_stored_together(store):
    assert sorted(together(store, "a", "b", "c", "d")) == ["a", "b", "c", "d"]
    assert [sorted(batch) for batch in store.batches] == [["a"], ["b", "c", "d"]]


def test_the_same_id_waits_for_its_turn(store):
    assert sorted(together(store, "a", "b", "b")) == ["a", "b", "b"]
    assert store.batches == [["a"], ["b"], ["b"]]


def test_one_that_spoils_the_set_is_refused_alone(store):
    store.bad = {"c"}
    found = together(store, "a", "b", "c", "d")
    assert sorted(found, key=str) == sorted(["a", "b", ("c", "NeedIdTaken"), "d"], key=str)


def test_a_refusal_is_for_the_one_it_is_meant_for(store):
    assert ("taken-1", "IdTaken") in together(store, "a", "taken-1", "b")


def test_when_the_database_is_away_everybody_is_told_at_once(store):
    store.away = True
    assert {error for _, error in together(store, "a", "b", "c")} == {"OperationalError"}
    assert len(store.batches) == 2
