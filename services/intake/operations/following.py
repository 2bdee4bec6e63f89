"""Follow what becomes of each need: one operation per kind of fact, set-wise, safe to repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.store import journeys as store
from shared import bus
from shared.clock import rfc3339
from shared.events.notifications import (
    CallClosed,
    CallRequested,
    ContactOptedOut,
    NotificationUpdated,
    OutcomeReported,
)
from shared.events.referral import GapRecorded, ReferralClockMissed, ReferralFact

Timed = tuple[datetime, Any]
"""A fact and when it was published."""

REFERRAL_FIELDS = (
    "referral_id",
    "need_id",
    "assessment_id",
    "person_id",
    "organization_id",
    "service_id",
    "focal_point_id",
    "service_type",
    "priority",
    "status",
    "reason",
    "turn",
    "due_at",
    "predecessor_id",
    "appointment_at",
    "outcome",
    "seq",
)
MESSAGE_FIELDS = (
    "notification_id",
    "assessment_id",
    "referral_id",
    "audience",
    "template_id",
    "channel",
    "status",
    "reason",
    "seq",
)
GAP_FIELDS = ("gap_id", "need_id", "assessment_id", "focal_point_id", "service_type", "reason", "priority")
CALL_FIELDS = (
    "call_id",
    "assessment_id",
    "referral_id",
    "person_id",
    "focal_point_id",
    "reason",
    "due_at",
)
OUTCOME_FIELDS = ("outcome_id", "referral_id", "assessment_id", "outcome", "source", "follow_up")


def follow_referrals(conn: Connection, facts: Sequence[tuple[datetime, ReferralFact]]) -> None:
    """Keep the newest version of each referral. A clock that was missed stays marked until somebody acts."""
    rows = []
    for time, fact in facts:
        row = _row(time, fact, REFERRAL_FIELDS)
        row["missed_clock"] = fact.clock if isinstance(fact, ReferralClockMissed) else None
        rows.append(row)
    store.record_referrals(conn, _newest(rows, "referral_id"))


def follow_messages(conn: Connection, facts: Sequence[tuple[datetime, NotificationUpdated]]) -> None:
    """Keep how far each message has come."""
    rows = [_row(time, fact, MESSAGE_FIELDS) for time, fact in facts]
    store.record_messages(conn, _newest(rows, "notification_id"))


def follow_gaps(conn: Connection, facts: Sequence[tuple[datetime, GapRecorded]]) -> None:
    """Keep which needs nobody can serve."""
    store.record_gaps(conn, [_row(time, fact, GAP_FIELDS) for time, fact in facts])


def follow_calls(conn: Connection, facts: Sequence[tuple[datetime, CallRequested]]) -> None:
    """Keep whom the focal point has to call."""
    store.record_calls(conn, [_row(time, fact, CALL_FIELDS) for time, fact in facts])


def follow_outcomes(conn: Connection, facts: Sequence[tuple[datetime, OutcomeReported]]) -> None:
    """Keep what came of the help; a call that was to find that out is no longer needed."""
    store.record_outcomes(conn, [_row(time, fact, OUTCOME_FIELDS) for time, fact in facts])
    last = max(time for time, _ in facts)
    done = store.finish_calls(conn, referral_ids=[fact.referral_id for _, fact in facts], now=last)
    tell_of_finished(conn, done, result="not_needed", now=last)


def follow_closed_calls(conn: Connection, facts: Sequence[tuple[datetime, CallClosed]]) -> None:
    """Somebody closed a call elsewhere."""
    last = max(time for time, _ in facts)
    store.strike_out(conn, call_ids=[fact.call_id for _, fact in facts], now=last)


def tell_of_finished(conn: Connection, done: Sequence[store.Finished], *, result: str, now: datetime) -> None:
    """Whoever opens calls has to know which are done: while one is open, the next of the case waits for it."""
    told = [
        CallClosed(
            seq=CallClosed.IN_INTAKE, call_id=one.call_id, assessment_id=one.assessment_id, result=result
        )
        for one in done
    ]
    bus.publish(conn, told, now=now)


def follow_opt_outs(conn: Connection, facts: Sequence[tuple[datetime, ContactOptedOut]]) -> None:
    """No more messages where the person said stop."""
    by_channel: dict[str, list[str]] = defaultdict(list)
    for _, fact in facts:
        by_channel[fact.channel].append(fact.person_id)
    last = max(time for time, _ in facts)
    for channel, person_ids in by_channel.items():
        store.opt_out(conn, channel=channel, person_ids=person_ids, now=last)


def _row(time: datetime, fact: Any, names: Iterable[str]) -> dict[str, Any]:
    return {"time": rfc3339(time), **{name: getattr(fact, name) for name in names}}


def _newest(rows: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """One row per `key`, the one with the highest `seq`: a statement cannot touch a row twice."""
    newest: dict[str, dict[str, Any]] = {}
    for row in rows:
        kept = newest.get(row[key])
        if kept is None or kept["seq"] < row["seq"]:
            newest[row[key]] = row
    return list(newest.values())
