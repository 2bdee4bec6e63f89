"""How far a need has come, from what events told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.journey import NeedRecord, Referral, progress

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
NEED = NeedRecord("n", "LEG.DOC", restricted=False, refer=True, shared=True, withdrawn=False)
REFERRAL = Referral(
    referral_id="r",
    need_id="n",
    organization_id="o",
    service_id="s",
    service_type="LEG_MIG",
    priority=2,
    status="requested",
    reason=None,
    turn="provider",
    due_at=NOW + timedelta(hours=24),
    predecessor_id=None,
    appointment_at=None,
    outcome=None,
    missed_clock=None,
    created_at=NOW,
    updated_at=NOW,
)
REJECTED = replace(REFERRAL, status="rejected", turn="none", due_at=None)


def state(*referrals, need=NEED, has_gap=False):
    return progress(need, referrals, has_gap=has_gap).state


class TestState:
    def test_before_anything_is_heard(self):
        assert state() == "routing"
        assert state(need=replace(NEED, refer=False)) == "not_shared"
        assert state(need=replace(NEED, shared=False)) == "not_shared"
        assert state(has_gap=True) == "gap"

    def test_a_need_whose_help_another_need_brings_does_not_wait_for_ever(self):
        assert progress(NEED, [], has_gap=False, case_is_routed=True).state == "together"
        assert progress(NEED, [], has_gap=True, case_is_routed=True).state == "gap"
        assert (
            progress(replace(NEED, refer=False), [], has_gap=False, case_is_routed=True).state == "not_shared"
        )

    def test_the_furthest_referral_counts(self):
        accepted = replace(REFERRAL, status="accepted")
        assert state(REFERRAL, accepted, REJECTED) == "accepted"

    def test_one_that_goes_on_outweighs_a_gap(self):
        assert state(REFERRAL, has_gap=True) == "requested"

    @pytest.mark.parametrize("status", ["rejected", "failed", "cancelled"])
    def test_when_all_have_stopped(self, status):
        stopped = replace(REJECTED, status=status)
        assert state(stopped) == "stopped"
        assert state(stopped, has_gap=True) == "gap"
        assert state(stopped, need=replace(NEED, withdrawn=True)) == "withdrawn"


class TestWaiting:
    def test_for_the_clock_that_runs_out_first(self):
        sooner = replace(REFERRAL, due_at=NOW, turn="focal_point")
        timeless = replace(REFERRAL, due_at=None, turn="person")
        seen = progress(NEED, [REFERRAL, timeless, sooner], has_gap=False)
        assert (seen.turn, seen.due_at) == ("focal_point", NOW)

    def test_for_nobody_when_all_is_done(self):
        done = replace(REFERRAL, status="completed", turn="none", due_at=None)
        seen = progress(NEED, [done], has_gap=False)
        assert (seen.state, seen.step, seen.turn, seen.due_at) == ("completed", 5, "none", None)

    def test_the_most_urgent_priority_is_the_needs(self):
        assert progress(NEED, [REFERRAL, replace(REFERRAL, priority=0)], has_gap=False).priority == 0
        assert progress(NEED, [], has_gap=False).priority is None
