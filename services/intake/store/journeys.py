"""What events tell about needs, written set-wise. Every statement may run twice: the newest version wins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text, update

from services.intake.tables import call as call_table
from services.intake.tables import safe_contact
from shared.database import json_rows

REFERRALS = text(
    """
    INSERT INTO intake.need_referral AS t
        (referral_id, need_id, assessment_id, person_id, organization_id, service_id, focal_point_id, service_type,
         priority, status, reason, turn, due_at, predecessor_id, appointment_at, outcome, missed_clock, seq,
         created_at, updated_at)
    SELECT referral_id, need_id, assessment_id, person_id, organization_id, service_id, focal_point_id, service_type,
         priority, status, reason, turn, due_at, predecessor_id, appointment_at, outcome, missed_clock, seq,
         "time", "time"
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        referral_id uuid, need_id uuid, assessment_id uuid, person_id uuid, organization_id uuid, service_id uuid,
        focal_point_id uuid, service_type text, priority smallint, status text, reason text, turn text,
        due_at timestamptz, predecessor_id uuid, appointment_at timestamptz, outcome text, missed_clock text,
        seq bigint, "time" timestamptz)
    ON CONFLICT (referral_id) DO UPDATE SET
        organization_id = excluded.organization_id, service_id = excluded.service_id,
        focal_point_id = excluded.focal_point_id, service_type = excluded.service_type,
        priority = excluded.priority, status = excluded.status, reason = excluded.reason, turn = excluded.turn,
        due_at = excluded.due_at, appointment_at = excluded.appointment_at, outcome = excluded.outcome,
        missed_clock = excluded.missed_clock, seq = excluded.seq, updated_at = excluded.updated_at
    WHERE t.seq < excluded.seq
    """
)
MESSAGES = text(
    """
    INSERT INTO intake.need_message AS t
        (notification_id, assessment_id, referral_id, audience, template_id, channel, status, reason, seq,
         created_at, updated_at)
    SELECT r.notification_id, COALESCE(r.assessment_id, n.assessment_id), r.referral_id, r.audience, r.template_id,
        r.channel, r.status, r.reason, r.seq, r."time", r."time"
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        notification_id uuid, assessment_id uuid, referral_id uuid, audience text, template_id text, channel text,
        status text, reason text, seq bigint, "time" timestamptz)
    LEFT JOIN intake.need_referral n ON n.referral_id = r.referral_id
    WHERE COALESCE(r.assessment_id, n.assessment_id) IS NOT NULL
    ON CONFLICT (notification_id) DO UPDATE SET
        channel = excluded.channel, status = excluded.status, reason = excluded.reason, seq = excluded.seq,
        updated_at = excluded.updated_at
    WHERE t.seq < excluded.seq
    """
)
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


def finish_calls(conn: Connection, *, referral_ids: Sequence[str], now: datetime) -> None:
    """Calls about these referrals are no longer needed."""
    conn.execute(
        update(call_table)
        .where(call_table.c.referral_id.in_(list(referral_ids)), call_table.c.done_at.is_(None))
        .values(done_at=now)
    )


def finish_call(conn: Connection, *, assessment_id: str, call_id: str, now: datetime) -> bool:
    """Mark one call of a case done; False when the case has no such call."""
    found = conn.execute(
        update(call_table)
        .where(call_table.c.call_id == call_id, call_table.c.assessment_id == assessment_id)
        .values(done_at=now)
    )
    return found.rowcount == 1
