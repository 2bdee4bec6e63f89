"""Statuses of a notification, and what the end of an attempt makes of it. Every pair is checked."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.channels.breaker import FIRST_SECONDS
from services.notifications.domain.delivery import MAX_ATTEMPTS, End, from_report, judge
from services.notifications.domain.notification import (
    NEXT,
    TOLD,
    Audience,
    Status,
    after_report,
    can_become,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ALLOWED = {
    "held": {"queued", "sending", "refused", "cancelled"},
    "queued": {"held", "sending", "refused", "cancelled"},
    "sending": {"sent", "delivered", "failed", "unknown", "queued", "held", "refused"},
    "sent": {"delivered", "failed"},
    "unknown": {"sent", "delivered", "failed", "queued"},
    "failed": {"delivered"},
    "delivered": set(),
    "refused": set(),
    "cancelled": set(),
}


class TestLattice:
    @pytest.mark.parametrize(("current", "following"), list(itertools.product(Status, Status)))
    def test_every_pair(self, current, following):
        assert can_become(current, following) == (following.value in ALLOWED[current.value])

    def test_delivered_never_goes_back(self):
        assert all(after_report(Status.DELIVERED, status) is Status.DELIVERED for status in Status)

    def test_a_late_report_settles_the_unknown(self):
        assert after_report(Status.UNKNOWN, Status.DELIVERED) is Status.DELIVERED

    def test_reports_in_any_order_end_alike(self):
        for order in itertools.permutations([Status.SENT, Status.DELIVERED, Status.SENT, Status.DELIVERED]):
            status = Status.SENDING
            for reported in order:
                status = after_report(status, reported)
            assert status is Status.DELIVERED

    def test_every_status_has_its_row_and_every_end_is_told(self):
        assert set(NEXT) == set(Status)
        assert {status for status in Status if not NEXT[status]} <= TOLD


class TestVerdict:
    @pytest.mark.parametrize("attempt", range(1, MAX_ATTEMPTS + 1))
    def test_in_doubt_a_person_never_gets_it_again(self, attempt):
        verdict = judge(End.UNKNOWN, attempt=attempt, audience=Audience.PERSON, now=NOW)
        assert (verdict.status, verdict.due_at, verdict.human) == (Status.UNKNOWN, None, True)

    def test_in_doubt_staff_get_it_again_but_not_for_ever(self):
        first = judge(End.UNKNOWN, attempt=1, audience=Audience.ORGANIZATION, now=NOW)
        last = judge(End.UNKNOWN, attempt=MAX_ATTEMPTS, audience=Audience.ORGANIZATION, now=NOW)
        assert first.status is Status.QUEUED
        assert first.due_at
        assert last.status is Status.UNKNOWN

    @pytest.mark.parametrize("audience", [Audience.PERSON, Audience.ORGANIZATION])
    def test_not_now_is_tried_three_times_later_and_later(self, audience):
        first, second = (judge(End.TEMPORARY, attempt=n, audience=audience, now=NOW).due_at for n in (1, 2))
        assert first
        assert second
        assert NOW < first < second
        last = judge(End.TEMPORARY, attempt=MAX_ATTEMPTS, audience=audience, now=NOW)
        assert (last.status, last.human) == (Status.FAILED, True)

    def test_what_a_gateway_that_was_away_left_over_is_due_when_it_is_tried_again(self):
        verdict = judge(End.UNAVAILABLE, attempt=1, audience=Audience.PERSON, now=NOW)
        assert verdict.due_at
        assert verdict.due_at <= NOW + timedelta(seconds=FIRST_SECONDS)

    def test_never_is_a_task_for_a_human_at_once(self):
        verdict = judge(End.PERMANENT, attempt=1, audience=Audience.PERSON, now=NOW)
        assert (verdict.status, verdict.human) == (Status.FAILED, True)

    @pytest.mark.parametrize("end", list(End))
    @pytest.mark.parametrize("audience", list(Audience))
    def test_every_verdict_is_a_step_of_the_table(self, end, audience):
        assert can_become(Status.SENDING, judge(end, attempt=1, audience=audience, now=NOW).status)

    def test_codes_of_reports(self):
        assert [from_report(code) for code in (1, 2, 4, 8, 16, 32, 64)] == [
            Status.DELIVERED,
            Status.FAILED,
            Status.SENT,
            Status.SENT,
            Status.FAILED,
            Status.SENT,
            None,
        ]
