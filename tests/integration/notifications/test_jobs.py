"""The worker's jobs: each does its own part, and wakes another only when that one has something to do."""

from datetime import timedelta

import pytest
import redis

from services.notifications.domain.gates import Limits
from services.notifications.operations.sending import Sender
from services.notifications.store import answers, outbox
from services.notifications.subscriptions import make_handlers
from services.notifications.tasks import Parts, make_jobs
from shared import bus
from shared.bus import Doorbell
from tests.integration.notifications.conftest import a_referral, accepted, completed


@pytest.fixture
def jobs(service):
    doorbell = Doorbell(service.stack.broker_url)

    def clock():
        return service.now

    sender = Sender(
        service.engine, doorbell, service.book, service.phones, service.seals, Limits(5, 20), clock
    )
    parts = Parts(service.engine, doorbell, sender, make_handlers(service.day), service.day, clock)
    return {job.name: job for job in make_jobs(parts)}


@pytest.fixture
def rung(service):
    """Which jobs wait to be begun."""
    broker = redis.Redis.from_url(service.stack.broker_url)

    def waiting():
        return {key.decode().removeprefix("ruta:doorbell:") for key in broker.keys("ruta:doorbell:*")}

    return waiting


def do(jobs, name):
    return jobs[f"notifications.{name}"].run(lambda: False)


def test_settling_reports_wakes_nobody_who_sends(service, jobs, rung):
    service.hears(a_referral())
    service.sends()
    (delivery,) = service.rows("SELECT id::text FROM notifications.delivery WHERE number_index IS NOT NULL")
    with service.engine.begin() as conn:
        answers.keep_reports(conn, [(delivery["id"], 1)], now=service.now)
    assert do(jobs, "settle") == 1
    assert ("delivered", None) in service.statuses()
    assert rung() == {"intake.drain"}


def test_facts_wake_whoever_sends(service, jobs, rung):
    with service.stack.engine("admin").begin() as conn:
        bus.publish(conn, [a_referral()], now=service.now)
    assert do(jobs, "drain") == 1
    assert "notifications.send" in rung()
    assert do(jobs, "send") == 2


def test_an_emergency_wakes_whoever_sends_what_goes_first(service, jobs, rung):
    with service.stack.engine("admin").begin() as conn:
        bus.publish(conn, [a_referral(priority=1)], now=service.now)
    assert do(jobs, "drain_urgent") == 1
    assert "notifications.send_urgent" in rung()
    assert "notifications.send" not in rung()
    assert do(jobs, "send_urgent") == 2


def test_a_question_that_is_due_wakes_whoever_sends(service, jobs, rung):
    fact = a_referral()
    service.hears(fact)
    service.hears(accepted(fact))
    service.hears(completed(accepted(fact)))
    service.later(days=2, minutes=1)
    assert do(jobs, "follow_up") > 0
    assert "notifications.send" in rung()


def test_attempts_whose_worker_died_are_decided_by_a_job_of_their_own(service, jobs):
    service.phones.during = lambda: (_ for _ in ()).throw(SystemExit)
    service.hears(a_referral(organization_id=None))
    with pytest.raises(SystemExit):
        service.sends()
    service.later(minutes=4)
    assert jobs["notifications.settle"].oldest_due() is None
    assert jobs["notifications.abandoned"].oldest_due() == timedelta(minutes=1).total_seconds()
    assert do(jobs, "settle") == 0
    assert service.statuses() == [("sending", None)]
    assert do(jobs, "abandoned") == 1
    assert service.statuses() == [("unknown", "unknown")]
    assert jobs["notifications.abandoned"].oldest_due() is None


def test_sending_ends_after_a_batch_that_was_not_full(service, monkeypatch):
    """What becomes due meanwhile is rung for: no second look is needed."""
    claims = []

    def take(conn, claim, **limits):
        rows = really_take(conn, claim, **limits)
        claims.append(len(rows))
        return rows

    really_take = outbox.take
    monkeypatch.setattr(outbox, "take", take)
    service.hears(a_referral(), a_referral())
    service.sends(batch=3)
    assert claims == [3, 1]
