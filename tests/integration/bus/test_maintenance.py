"""What was acted on long ago goes; what was not stays."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.bus import drain, publish, transaction
from shared.bus.maintenance import Purge, purge
from shared.clock import utc_now
from tests.integration.bus.scenario import inbox, withdrawn

LATER = timedelta(days=40)


def publish_two(stack):
    with transaction(stack.engine("intake")) as conn:
        publish(conn, [withdrawn(), withdrawn()], now=utc_now())


def count(engine, table):
    with engine.connect() as conn:
        return conn.execute(text(f"SELECT count(*) FROM bus.{table}")).scalar_one()


def remove(engine, subscriber, now):
    with engine.begin() as conn:
        return purge(conn, subscriber, now=now)


def test_finished_rows_go_after_their_time_and_the_event_with_the_last_of_them(clean_stack, referral):
    publish_two(clean_stack)
    drain(inbox(referral))
    assert remove(referral, "referral", utc_now()) == 0
    assert remove(referral, "referral", utc_now() + LATER) == 2
    assert (count(referral, "inbox"), count(referral, "event")) == (2, 2)
    with referral.begin() as conn:
        conn.execute(text("UPDATE bus.inbox SET state = 'done', done_at = now()"))
    assert remove(referral, "notifications", utc_now() + LATER) == 2
    assert (count(referral, "inbox"), count(referral, "event")) == (0, 0)


@pytest.mark.parametrize("state", ["due", "dead", "discarded"])
def test_what_nobody_has_acted_on_stays_for_ever(clean_stack, referral, state):
    publish_two(clean_stack)
    with referral.begin() as conn:
        conn.execute(text("UPDATE bus.inbox SET state = :state"), {"state": state})
    assert remove(referral, "referral", utc_now() + LATER) == 0
    assert count(referral, "event") == 2


def test_the_job_is_due_when_something_is_old_enough_and_not_before(clean_stack, referral):
    publish_two(clean_stack)
    drain(inbox(referral))
    assert Purge(referral, "referral").oldest_due() is None
    two_hours_later = Purge(referral, "referral", keep=timedelta(hours=-2))
    assert two_hours_later.oldest_due() > 0
    assert two_hours_later.run(lambda: False) == 2
    assert two_hours_later.oldest_due() is None
