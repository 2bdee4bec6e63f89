"""Facts from the other services, through the real bus, acted on exactly once."""

from datetime import UTC, datetime

import pytest

from services.referral import subscriptions
from services.referral.settings import Settings
from services.referral.worker import make_worker
from shared import bus
from shared.bus import Inbox, drain
from shared.clock import rfc3339
from shared.events import SUBSCRIBERS
from tests.integration.referral.callers import SECRET
from tests.integration.referral.world import a_service, an_assessment, withdrawn


@pytest.fixture
def now(world):
    subscriptions.ROUTER.catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Legal", "LEG_MIG"))
    return world.now


def tell(stack, *facts, now):
    with stack.engine("intake").begin() as conn:
        bus.publish(conn, facts, now=now, correlation_id="c-123")


def test_every_subscription_has_a_handler():
    listened_to = {fact for fact, subscribers in SUBSCRIBERS.items() if "referral" in subscribers}
    assert set(subscriptions.HANDLERS) == listened_to


def test_an_assessment_is_routed_and_a_withdrawal_cancels_it(world, clean_stack, now):
    case = an_assessment("LEG.REG", assessed_at=rfc3339(now))
    tell(clean_stack, case, now=now)
    inbox = Inbox(world.engine, "referral", subscriptions.HANDLERS)
    assert drain(inbox).done == 1
    (referral,) = world.referrals(case)
    (step,) = world.rows("SELECT * FROM referral.step")
    assert step["correlation_id"] == "c-123"
    told = world.rows("SELECT correlation_id FROM bus.event WHERE subject = :s", s=f"referral/{referral.id}")
    assert [row["correlation_id"] for row in told] == ["c-123"]
    tell(clean_stack, withdrawn(case), now=now)
    assert drain(inbox).done == 1
    assert world.referrals(case)[0].reason == "consent_withdrawn"
    assert drain(inbox).done == 0


def test_a_batch_with_a_strange_fact_still_routes_its_neighbours(world, clean_stack, now):
    good = [an_assessment("LEG.REG", assessed_at=rfc3339(now)) for _ in range(5)]
    strange = an_assessment("LEG.REG", assessed_at=rfc3339(now), needs=[{"need_id": "x", "code": "LEG.REG"}])
    tell(clean_stack, *good[:3], strange, *good[3:], now=now)
    done = drain(Inbox(world.engine, "referral", subscriptions.HANDLERS))
    assert (done.done, done.put_back) == (5, 1)
    assert {one.assessment_id for one in world.referrals()} == {case.assessment_id for case in good}


def test_the_worker_looks_after_events_clocks_gaps_and_rules(clean_stack, now):
    settings = Settings(
        database_url=clean_stack.database_url("referral"),
        broker_url=clean_stack.broker_url,
        secret_key=SECRET,
        intake_url="http://127.0.0.1:9",
    )
    worker = make_worker(settings)
    names = {job.name for job in worker.jobs}
    watching = "referral.watch_rules"
    assert names >= {"referral.drain", "referral.run_due_clocks", "referral.look_at_gaps_again", watching}
    for job in worker.jobs:
        assert (job.oldest_due() is None) == (job.name != watching)  # nobody has looked at the rules yet
        job.run(lambda: False)
        assert job.oldest_due() is None
