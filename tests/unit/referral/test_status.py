from dataclasses import replace
from datetime import timedelta

import pytest

from services.referral.domain.referral import (
    Answer,
    IllegalStep,
    StaleVersion,
    check_version,
    miss,
    next_mark,
    step,
)
from services.referral.domain.status import (
    CANCEL_REASONS,
    HOLD_REASONS,
    NEXT,
    OPEN,
    TERMINAL,
    WAITS,
    Action,
    Party,
    Situation,
    Status,
    Step,
    Wait,
    allowed,
    faults,
)
from shared.errors import Conflict, Invalid
from tests.unit.referral.builders import NOW, a_referral

LATER = NOW + timedelta(hours=1)
PEOPLE = (Party.PROVIDER, Party.FOCAL_POINT, Party.COORDINATOR, Party.SYSTEM)


def in_situation(here, **changes):
    route = {"row_id": "R-1", "waits_for": "LEG_MIG"}
    return replace(
        a_referral(**{"route": route, **changes}),
        status=here.status,
        reason=here.reason,
        held_from=Status.ACCEPTED,
    )


def an_answer(rule):
    return Answer(reason=min(rule.reasons) if rule.reasons else None, outcome="NEED_MET", contact_attempts=3)


class TestEveryPair:
    """Every situation with every action by every party: exactly what the table allows, and nothing else."""

    @pytest.mark.parametrize("here", NEXT, ids=str)
    @pytest.mark.parametrize("action", Action)
    @pytest.mark.parametrize("party", PEOPLE)
    def test_a_step_is_taken_or_refused_as_the_table_says(self, here, action, party):
        referral = in_situation(here)
        rule = NEXT[here].get(action)
        if rule is None or party not in rule.who:
            with pytest.raises(IllegalStep) as refused:
                step(referral, action, party, LATER)
            assert refused.value.extra["allowed"] == [str(one) for one in allowed(here, party)]
            return
        moved, fact = step(referral, action, party, LATER, an_answer(rule))
        assert moved.status == (rule.to or Status.ACCEPTED)
        assert moved.version == referral.version + 1 == fact.seq
        assert fact.status == moved.status
        assert (moved.due_at is None) == (moved.status in TERMINAL)

    @pytest.mark.parametrize("here", [one for one in NEXT if NEXT[one]], ids=str)
    def test_a_step_with_a_wrong_reason_is_refused(self, here):
        for action, rule in NEXT[here].items():
            if rule.reasons:
                with pytest.raises(Invalid) as refused:
                    step(in_situation(here), action, min(rule.who), LATER, Answer(reason="because"))
                assert "reason" in refused.value.fields

    def test_the_system_never_accepts_rejects_or_completes(self):
        for steps in NEXT.values():
            for action in (Action.ACCEPT, Action.REJECT, Action.COMPLETE, Action.START):
                assert action not in steps or Party.SYSTEM not in steps[action].who

    def test_only_the_provider_accepts_and_rejects(self):
        for steps in NEXT.values():
            for action in (Action.ACCEPT, Action.REJECT):
                assert action not in steps or steps[action].who == {Party.PROVIDER}


class TestNoReferralFallsSilent:
    def test_every_open_situation_has_an_owner_and_a_finite_clock(self):
        assert faults(NEXT, WAITS) == []
        open_ones = {here for here in NEXT if here.status in OPEN}
        assert open_ones == set(WAITS)
        assert {here.reason for here in open_ones if here.status is Status.ON_HOLD} == HOLD_REASONS

    def test_a_situation_without_a_clock_is_found(self):
        waits = {here: wait for here, wait in WAITS.items() if here.status is not Status.ACCEPTED}
        assert any("nobody is waited for" in fault for fault in faults(NEXT, waits))

    def test_a_clock_that_ends_with_nobody_is_found(self):
        here = Situation(Status.ACCEPTED)
        waits = {**WAITS, here: Wait(Party.PROVIDER, WAITS[here].clock, Party.NONE)}
        assert any("ends with nobody" in fault for fault in faults(NEXT, waits))

    def test_a_clock_that_ends_in_a_step_the_system_may_not_take_is_found(self):
        here = Situation(Status.ACCEPTED)
        waits = {**WAITS, here: Wait(Party.PROVIDER, WAITS[here].clock, Action.COMPLETE)}
        assert any("the system may not do" in fault for fault in faults(NEXT, waits))

    def test_clocks_that_run_in_a_circle_are_found(self):
        hold = Situation(Status.ON_HOLD, "info_requested")
        received = Situation(Status.RECEIVED)
        back = Step(Status.RECEIVED, frozenset({Party.SYSTEM}))
        nexts = {**NEXT, received: {**NEXT[received], Action.RESUME: back}}
        waits = {
            **WAITS,
            received: Wait(Party.PROVIDER, WAITS[received].clock, Action.RESUME),
        }
        assert hold in waits
        assert any("circle" in fault for fault in faults(nexts, waits))

    @pytest.mark.parametrize("priority", range(4))
    @pytest.mark.parametrize("here", WAITS, ids=str)
    def test_when_nobody_does_anything_a_clock_ends_with_a_person_or_in_an_end(self, here, priority):
        referral = replace(
            in_situation(here, priority=priority), due_at=NOW + timedelta(hours=3), since=NOW, marked=NOW
        )
        called = []
        for _ in range(20):
            mark = next_mark(referral)
            if mark is None:
                break
            referral, _fact = miss(referral, mark, now=mark.at)
            called.append(mark.escalate_to)
            if mark.action:
                answer = Answer(reason="expired")
                referral, _fact = step(referral, mark.action, Party.SYSTEM, mark.at, answer)
        assert next_mark(referral) is None
        assert called[-1] is Party.COORDINATOR
        assert referral.escalated_to is Party.COORDINATOR
        assert referral.status in TERMINAL or referral.turn is Party.COORDINATOR


class TestGuards:
    @pytest.mark.parametrize(("priority", "reason"), [(0, "waitlisted"), (1, "waitlisted")])
    def test_an_urgent_referral_cannot_wait(self, priority, reason):
        with pytest.raises(Conflict) as refused:
            step(a_referral(priority=priority), Action.HOLD, Party.PROVIDER, LATER, Answer(reason=reason))
        assert refused.value.code == "urgent_cannot_wait"

    def test_nobody_is_out_of_reach_before_three_tries(self):
        referral = in_situation(Situation(Status.ACCEPTED))
        with pytest.raises(Invalid) as refused:
            step(
                referral, Action.HOLD, Party.PROVIDER, LATER, Answer(reason="no_contact", contact_attempts=2)
            )
        assert "contact_attempts" in refused.value.fields

    def test_a_notice_to_an_authority_is_sent_by_a_person_alone(self):
        notice = in_situation(Situation(Status.DRAFT), mode="AUTH", route={"row_id": "R-2"})
        with pytest.raises(IllegalStep):
            step(notice, Action.CONFIRM, Party.SYSTEM, LATER)
        sent, _ = step(notice, Action.CONFIRM, Party.FOCAL_POINT, LATER)
        assert sent.status is Status.REQUESTED

    def test_another_reason_needs_words(self):
        with pytest.raises(Invalid) as refused:
            step(a_referral(), Action.REJECT, Party.PROVIDER, LATER, Answer(reason="OTHER"))
        assert "note" in refused.value.fields

    def test_a_referral_is_not_closed_without_an_outcome(self):
        referral = in_situation(Situation(Status.IN_PROGRESS))
        with pytest.raises(Invalid) as refused:
            step(referral, Action.COMPLETE, Party.PROVIDER, LATER)
        assert "outcome" in refused.value.fields

    def test_a_person_may_take_consent_back_from_any_open_situation(self):
        for here in WAITS:
            moved, _ = step(
                in_situation(here), Action.CANCEL, Party.SYSTEM, LATER, Answer("consent_withdrawn")
            )
            assert moved.status is Status.CANCELLED

    def test_reasons_to_cancel_do_not_include_the_ones_of_the_system(self):
        assert "consent_withdrawn" not in CANCEL_REASONS


class TestClocks:
    def test_an_emergency_is_decided_within_the_clinical_window(self):
        referral = a_referral(priority=0, deadline_hours=1, needed_by=NOW + timedelta(hours=1))
        assert referral.due_at == NOW + timedelta(hours=1)

    def test_seeing_a_referral_does_not_restart_its_clock(self):
        referral = a_referral()
        seen, _ = step(referral, Action.ACKNOWLEDGE, Party.PROVIDER, LATER)
        assert (seen.due_at, seen.since) == (referral.due_at, referral.since)

    def test_a_question_stops_the_decision_clock_once_and_for_at_most_a_day(self):
        referral = a_referral()
        asked, _ = step(referral, Action.HOLD, Party.PROVIDER, LATER, Answer(reason="info_requested"))
        assert asked.turn is Party.FOCAL_POINT
        assert asked.due_at == LATER + timedelta(hours=24)
        answered, _ = step(asked, Action.RESUME, Party.FOCAL_POINT, LATER + timedelta(hours=5))
        assert answered.due_at == referral.due_at + timedelta(hours=5)
        again, _ = step(
            answered,
            Action.HOLD,
            Party.PROVIDER,
            LATER + timedelta(hours=6),
            Answer(reason="info_requested"),
        )
        back, _ = step(again, Action.RESUME, Party.SYSTEM, LATER + timedelta(hours=30))
        assert back.due_at == answered.due_at

    def test_a_question_does_not_stop_the_clock_of_an_urgent_referral(self):
        referral = a_referral(priority=0, deadline_hours=3)
        asked, _ = step(referral, Action.HOLD, Party.PROVIDER, LATER, Answer(reason="info_requested"))
        assert asked.due_at == referral.due_at
        back, _ = step(asked, Action.RESUME, Party.FOCAL_POINT, LATER + timedelta(minutes=20))
        assert back.due_at == referral.due_at

    def test_a_question_answered_after_the_deadline_leaves_one_mark_to_pass(self):
        asked, _ = step(a_referral(), Action.HOLD, Party.PROVIDER, NOW, Answer(reason="info_requested"))
        late = replace(asked, paused=True, decide_due=NOW + timedelta(hours=1))
        back, _ = step(late, Action.RESUME, Party.SYSTEM, NOW + timedelta(hours=9))
        mark = next_mark(back)
        assert mark is not None
        assert mark.action is Action.EXPIRE

    def test_an_appointment_moves_the_clock_of_a_normal_referral_and_not_of_an_urgent_one(self):
        in_ten_days = Answer(appointment_at=NOW + timedelta(days=10))
        normal, _ = step(a_referral(), Action.ACCEPT, Party.PROVIDER, LATER, in_ten_days)
        assert normal.due_at == NOW + timedelta(days=11)
        urgent, _ = step(a_referral(priority=1), Action.ACCEPT, Party.PROVIDER, LATER, in_ten_days)
        assert urgent.due_at == urgent.needed_by

    @pytest.mark.parametrize(("need", "days"), [("GBV.PHYS", 30), ("CP.SEP", 90), ("LEG.REG", 14)])
    def test_a_person_out_of_reach_is_looked_for_as_long_as_the_field_says(self, need, days):
        accepted = in_situation(Situation(Status.ACCEPTED), need_code=need)
        held, _ = step(
            accepted, Action.HOLD, Party.PROVIDER, LATER, Answer(reason="no_contact", contact_attempts=3)
        )
        assert held.due_at == LATER + timedelta(days=days)


class TestVersions:
    def test_an_old_view_is_refused_and_says_what_stands_now(self):
        referral = a_referral()
        accepted, _ = step(referral, Action.ACCEPT, Party.PROVIDER, LATER)
        with pytest.raises(StaleVersion) as refused:
            check_version(accepted, referral.version)
        assert refused.value.extra == {"version": 2, "referral_status": "accepted"}

    def test_a_clock_or_a_look_does_not_make_a_view_old(self):
        referral = a_referral()
        seen, _ = step(referral, Action.ACKNOWLEDGE, Party.PROVIDER, LATER)
        mark = next_mark(seen)
        reminded, _ = miss(seen, mark, now=mark.at)
        check_version(reminded, referral.version)
        with pytest.raises(StaleVersion):
            check_version(reminded, reminded.version + 1)


class TestFacts:
    def test_a_restricted_referral_does_not_say_which_help_it_asks_for(self):
        _, fact = step(a_referral(sensitivity="S3"), Action.ACCEPT, Party.PROVIDER, LATER)
        assert fact.service_type is None
        assert fact.sensitivity == "S3"

    def test_a_fact_carries_whose_turn_it_is_and_by_when(self):
        moved, fact = step(a_referral(), Action.ACCEPT, Party.PROVIDER, LATER)
        assert (fact.turn, fact.due_at) == ("provider", moved.due_at.isoformat())
