"""Sending a file's assessments: several batches at once, except where the order of lines matters."""

import threading

import pytest

from deploy.local import import_by_http
from deploy.local.import_by_http import BYTES, LINES, Batch, Client, WrittenLine, batches
from services.intake.operations.batching import CHUNK
from services.intake.schemas.files import Line
from shared.web.bodies import MAX_BODY, MAX_LINE


class Slow(Client):
    """Answers a batch only when the next one has come, or when nobody can come: notes which were under way at once."""

    def __init__(self):
        super().__init__("http://127.0.0.1:9", "x")
        self.together = set()
        self._open = set()
        self._changed = threading.Condition()

    def _deliver(self, batch):
        name = batch.numbers[0]
        with self._changed:
            self._open.add(name)
            self.together.add(frozenset(self._open))
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(self._open) > 1, timeout=0.2)
            self._open.discard(name)
        return [name]


@pytest.fixture
def client():
    made = Slow()
    yield made
    made.close()


def batch(number, *ids):
    return Batch([number], b"{}", frozenset(ids))


def test_the_next_batch_goes_while_one_is_under_way(client):
    assert list(client.deliver_all([batch(1, "a"), batch(2, "b"), batch(3, "c")])) == [[1], [2], [3]]
    assert any(len(names) == 2 for names in client.together)
    assert max(len(names) for names in client.together) == import_by_http.UNDER_WAY


def test_a_batch_that_speaks_of_the_same_person_waits_for_the_first(client):
    assert list(client.deliver_all([batch(1, "a", "p"), batch(2, "b", "p"), batch(3, "a")])) == [
        [1],
        [2],
        [3],
    ]
    assert frozenset({1, 2}) not in client.together
    assert frozenset({1, 3}) not in client.together


def test_the_ids_of_a_batch_are_those_of_assessments_and_known_persons():
    lines = [Line(1, {"id": "A", "person": {"id": "P"}}), Line(2, {"id": "B", "person": {}}), Line(3, [])]
    (made,) = batches(lines)
    assert made.ids == {"a", "p", "b"}
    assert made.numbers == [1, 2, 3]


def test_a_batch_holds_no_more_lines_and_bytes_than_the_server_takes():
    many = list(batches(WrittenLine(number, {}, b"{}\n") for number in range(2 * LINES + 1)))
    assert [len(one.numbers) for one in many] == [LINES, LINES, 1]
    large = list(batches(WrittenLine(number, {}, b" " + b"x" * 200_000) for number in range(50)))
    assert max(len(one.body) for one in large) <= BYTES + 50
    assert sum(len(one.numbers) for one in large) == 50


def test_the_limits_are_within_those_of_the_server():
    assert LINES == CHUNK
    assert import_by_http.LONGEST < MAX_LINE
    assert 2 * BYTES < MAX_BODY


def test_lines_travel_as_they_are_and_unreadable_ones_as_unreadable():
    lines = [
        WrittenLine(1, {"a": 1}, b'{"a" :  1}\r\n'),
        WrittenLine(2, ValueError("x"), b"{nope\n"),
        Line(3, {"b": "é"}),
        WrittenLine(4, {}, b"x" * 300_000),
    ]
    (made,) = batches(lines)
    assert made.body.split(b"\n") == [b'{"a" :  1}', b"{", b'{"b": "\\u00e9"}', b"{"]
