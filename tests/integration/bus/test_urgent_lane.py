"""What goes first does not wait for the end of a batch that somebody is in the middle of."""

import threading
from dataclasses import replace

import pytest

from shared.bus import drain, oldest_due_seconds, publish, transaction
from shared.events.intake import AssessmentSubmitted
from shared.events.registry import SUBSCRIBERS
from shared.ids import new_id
from tests.integration.bus.scenario import NOW, effects, inbox, states, withdrawn, write_effect


@pytest.fixture
def publish_all(clean_stack):
    def publish_them(*facts, doorbell=None):
        with transaction(clean_stack.engine("intake"), doorbell) as conn:
            publish(conn, facts, now=NOW)

    return publish_them


def urgent_inbox(engine):
    return replace(inbox(engine), urgent=True)


class Bells:
    """A doorbell that remembers what was rung."""

    def __init__(self):
        self.rung = []

    def ring_all(self, jobs):
        self.rung += jobs


def test_an_emergency_is_acted_on_while_a_batch_is_under_way(publish_all, referral):
    begun, goes_on = threading.Event(), threading.Event()

    def take_long(conn, events):
        begun.set()
        assert goes_on.wait(30)
        write_effect(conn, events)

    publish_all(*[withdrawn() for _ in range(20)])
    ordinary = threading.Thread(target=lambda: drain(inbox(referral, take_long)))
    ordinary.start()
    assert begun.wait(30)
    urgent = withdrawn(priority=1)
    publish_all(urgent)
    drained = drain(urgent_inbox(referral))
    with referral.begin() as conn:
        seen = effects(conn)
    goes_on.set()
    ordinary.join()
    assert (drained.done, drained.urgent) == (1, 1)
    assert seen == [(urgent.person_id, 1)]
    with referral.begin() as conn:
        assert states(conn) == {"done": 21}


def test_only_what_goes_first_is_taken(publish_all, referral):
    publish_all(*[withdrawn(priority=priority) for priority in (0, 1, 2, 3)])
    with referral.begin() as conn:
        assert oldest_due_seconds(conn, "referral", last_priority=1) > 0
    assert drain(urgent_inbox(referral)).done == 2
    with referral.begin() as conn:
        assert states(conn) == {"done": 2, "due": 2}
        assert oldest_due_seconds(conn, "referral", last_priority=1) is None
        assert oldest_due_seconds(conn, "referral") > 0


def test_the_order_of_a_subject_holds_there_too(publish_all, referral):
    person = new_id()
    publish_all(withdrawn(person, seq=1, priority=3), withdrawn(person, seq=2, priority=0))
    assert drain(urgent_inbox(referral)).done == 0
    drained = drain(inbox(referral))
    assert (drained.done, drained.urgent) == (2, 1)


def test_each_fact_rings_for_the_drain_that_takes_it(publish_all):
    bells = Bells()
    publish_all(withdrawn(priority=2), doorbell=bells)
    assert sorted(bells.rung) == ["notifications.drain", "referral.drain"]
    bells.rung.clear()
    publish_all(withdrawn(priority=1), doorbell=bells)
    assert sorted(bells.rung) == ["notifications.drain_urgent", "referral.drain_urgent"]


def test_pages_need_no_lane(publish_all, monkeypatch):
    """The focal point's page learns of emergencies in the order in which others do: nobody waits for help on it."""
    listeners = (*SUBSCRIBERS[AssessmentSubmitted], "intake")
    monkeypatch.setitem(SUBSCRIBERS, type(withdrawn()), listeners)
    bells = Bells()
    publish_all(withdrawn(priority=0), doorbell=bells)
    assert sorted(bells.rung) == ["intake.drain", "referral.drain_urgent"]
