"""What events tell about needs, written set-wise. Every statement may run twice: the newest version wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, text, update

from services.intake.tables import call as call_table
from services.intake.tables import safe_contact
from shared.database import json_rows

REFERRALS = text("SELECT intake.record_referrals(CAST(:rows AS jsonb))")
MESSAGES = text("SELECT intake.record_messages(CAST(:rows AS jsonb))")
"""These two are told of every case several times, so they are functions: see the migration that makes them."""
GAPS = text(
    """
    INSERT INTO intake.need_gap
        (gap_id, need_id, assessment_id, focal_point_id, service_type, reason, priority, recorded_at)
    SELECT gap_id, need_id, assessment_id, focal_point_id, service_type, reason, priority, "time"
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        gap_id uuid, need_id uuid, assessment_id uuid, focal_point_id uuid, service_type text, reason text,
        priority smallint, "time" timestamptz)
    ON CONFLICT (gap_id) DO NOTHING
    """
)
CALLS = text(
    """
    INSERT INTO intake.call
        (call_id, assessment_id, referral_id, person_id, focal_point_id, reason, due_at, requested_at)
    SELECT r.call_id, COALESCE(r.assessment_id, n.assessment_id), r.referral_id, COALESCE(r.person_id, n.person_id),
        COALESCE(r.focal_point_id, n.focal_point_id), r.reason, r.due_at, r."time"
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        call_id uuid, assessment_id uuid, referral_id uuid, person_id uuid, focal_point_id uuid, reason text,
        due_at timestamptz, "time" timestamptz)
    LEFT JOIN intake.need_referral n ON n.referral_id = r.referral_id
    ON CONFLICT (call_id) DO NOTHING
    """
)
OUTCOMES = text(
    """
    INSERT INTO intake.outcome
        (outcome_id, referral_id, assessment_id, outcome, source, follow_up, reported_by, reported_at)
    SELECT outcome_id, referral_id, assessment_id, outcome, source, follow_up, reported_by, "time"
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        outcome_id uuid, referral_id uuid, assessment_id uuid, outcome text, source text, follow_up text,
        reported_by uuid, "time" timestamptz)
    ON CONFLICT (outcome_id) DO NOTHING RETURNING CAST(outcome_id AS text)
    """
)

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that was open and is done now."""

    call_id: str
    assessment_id: str | None


def record_referrals(conn: Connection, rows: Rows) -> None:
    """Keep the newest version of each referral; `rows` hold one row per referral."""
    conn.execute(REFERRALS, {"rows": json_rows(list(rows))})


def record_messages(conn: Connection, rows: Rows) -> None:
    """Keep the newest version of each notification that concerns a case."""
    conn.execute(MESSAGES, {"rows": json_rows(list(rows))})


def record_gaps(conn: Connection, rows: Rows) -> None:
    """Keep each gap once."""
    conn.execute(GAPS, {"rows": json_rows(list(rows))})


def record_calls(conn: Connection, rows: Rows) -> None:
    """Keep each requested call once."""
    conn.execute(CALLS, {"rows": json_rows(list(rows))})


def record_outcomes(conn: Connection, rows: Rows) -> frozenset[str]:
    """Keep each outcome once; returns the ids that were new."""
    return frozenset(conn.execute(OUTCOMES, {"rows": json_rows(list(rows))}).scalars())


def opt_out(conn: Connection, *, channel: str, person_ids: Sequence[str], now: datetime) -> None:
    """No more messages to these persons on `channel`."""
    conn.execute(
        update(safe_contact)
        .where(
            safe_contact.c.person_id.in_(list(person_ids)),
            safe_contact.c.channel == channel,
            safe_contact.c.opted_out_at.is_(None),
        )
        .values(opted_out_at=now)
    )


def finish_calls(conn: Connection, *, referral_ids: Sequence[str], now: datetime) -> list[Finished]:
    """Calls about these referrals are no longer needed. Returns those that were open."""
    return _finish(conn, call_table.c.referral_id.in_(list(referral_ids)), now)


def finish_call(conn: Connection, *, assessment_id: str, call_id: str, now: datetime) -> list[Finished]:
    """Mark one call of a case done. Returns it if it was open."""
    return _finish(
        conn, and_(call_table.c.call_id == call_id, call_table.c.assessment_id == assessment_id), now
    )


def strike_out(conn: Connection, *, call_ids: Sequence[str], now: datetime) -> None:
    """These calls were closed elsewhere."""
    _finish(conn, call_table.c.call_id.in_(list(call_ids)), now)


def _finish(conn: Connection, which: ColumnElement[bool], now: datetime) -> list[Finished]:
    found = conn.execute(
        update(call_table)
        .where(which, call_table.c.done_at.is_(None))
        .values(done_at=now)
        .returning(call_table.c.call_id, call_table.c.assessment_id)
    )
    return [Finished(row.call_id, row.assessment_id) for row in found]
