"""Clocks that are not due yet cost nothing to those who ask whether one is."""

import pytest
from sqlalchemy import text

from services.referral.store.referrals import oldest_due
from services.referral.store.standing import late_clocks

AHEAD = 5_000
READ = """
    SELECT sum(pg_stat_get_xact_tuples_returned(of::regclass))
    FROM unnest(ARRAY['referral.clock', 'referral.clock_due']) AS of
"""


@pytest.fixture
def referral(clean_stack):
    with clean_stack.engine("admin").begin() as conn:
        conn.execute(
            text("TRUNCATE referral.clock")
        )  # what other tests deleted is still read until it is vacuumed
        conn.execute(text("SET LOCAL session_replication_role = replica"))  # no referrals, only their clocks
        conn.execute(
            text(
                "INSERT INTO referral.clock SELECT gen_random_uuid(), now() + interval '1 day'"
                f" FROM generate_series(1, {AHEAD})"
            )
        )
    return clean_stack.engine("referral")


@pytest.mark.parametrize("ask", [oldest_due, late_clocks])
def test_asking_reads_none_of_them(referral, ask):
    with referral.begin() as conn:
        assert not ask(conn)
        assert conn.execute(text(READ)).scalar_one() < 10


def test_one_that_is_due_is_found_among_them(referral):
    with referral.begin() as conn:
        conn.execute(
            text(
                "UPDATE referral.clock SET due_at = now() - interval '1 hour'"
                " WHERE referral_id = (SELECT referral_id FROM referral.clock LIMIT 1)"
            )
        )
    with referral.begin() as conn:
        assert oldest_due(conn) == pytest.approx(3600, abs=60)
        assert late_clocks(conn) == 1
