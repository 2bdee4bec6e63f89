"""Follow-ups as rows: planned by facts, asked when due, answered or taken over by a human."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.database import json_rows

_PLAN = text(
    """
    INSERT INTO notifications.follow_up (id, check_id, referral_id, assessment_id, person_id, focal_point_id,
        organization_id, sensitivity, priority, mode, template_id, outcome_if_yes, outcome_if_no, ends_when_completed,
        due_at, correlation_id)
    SELECT id, check_id, referral_id, assessment_id, person_id, focal_point_id, organization_id, sensitivity, priority,
        mode, template_id, outcome_if_yes, outcome_if_no, ends_when_completed, due_at, correlation_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, check_id text, referral_id uuid, assessment_id uuid,
        person_id uuid, focal_point_id uuid, organization_id uuid, sensitivity text, priority smallint, mode text,
        template_id text, outcome_if_yes text, outcome_if_no text, ends_when_completed boolean, due_at timestamptz,
        correlation_id text)
    ON CONFLICT (referral_id, check_id) DO NOTHING
    """
)
_CLAIM = text(
    """
    SELECT id::text, check_id, referral_id::text, assessment_id::text, person_id::text, focal_point_id::text,
        organization_id::text, sensitivity, priority, mode, template_id, state, tries, due_at, correlation_id,
        (SELECT n.status FROM notifications.notification n WHERE n.follow_up_id = f.id
         ORDER BY n.created_at DESC, n.id DESC LIMIT 1) AS last_status
    FROM notifications.follow_up f WHERE state IN ('planned', 'asked') AND due_at <= :now
    ORDER BY due_at LIMIT :batch FOR UPDATE OF f SKIP LOCKED
    """
)
_OLDEST_DUE = text(
    """
    SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(due_at)) FROM notifications.follow_up
    WHERE state IN ('planned', 'asked') AND due_at <= :now
    """
)
_ADVANCE = text(
    """
    UPDATE notifications.follow_up f SET state = r.state, tries = f.tries + r.tried,
        due_at = COALESCE(r.due_at, f.due_at)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, state text, tried smallint, due_at timestamptz)
    WHERE f.id = r.id
    """
)
_OPEN = "UPDATE notifications.follow_up SET state = 'cancelled' WHERE state IN ('planned', 'asked') AND "
_CANCEL = {
    "ended": text(_OPEN + "referral_id = ANY(CAST(:ids AS uuid[]))"),
    "completed": text(_OPEN + "ends_when_completed AND referral_id = ANY(CAST(:ids AS uuid[]))"),
    "person_ids": text(_OPEN + "mode = 'auto' AND person_id = ANY(CAST(:ids AS uuid[]))"),
}
"""One statement each: with an OR between them the planner reads the whole table as soon as its statistics are old."""


def plan(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write planned checks; one that the referral already has stays as it is."""
    if rows:
        conn.execute(_PLAN, {"rows": json_rows(list(rows))})


def claim(conn: Connection, *, now: datetime, batch: int) -> Sequence[Row[Any]]:
    """Due checks, locked until the caller's transaction ends."""
    return conn.execute(_CLAIM, {"now": now, "batch": batch}).all()


def oldest_due(conn: Connection, now: datetime) -> float | None:
    """Seconds the oldest due check has waited, or None."""
    age = conn.execute(_OLDEST_DUE, {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)


def advance(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Move checks on: id, state, tried (0 or 1), due_at."""
    if rows:
        conn.execute(_ADVANCE, {"rows": json_rows(list(rows))})


def cancel(
    conn: Connection,
    *,
    ended: Sequence[str] = (),
    completed: Sequence[str] = (),
    person_ids: Sequence[str] = (),
) -> None:
    """Cancel the open checks of ended referrals, those of completed ones that end with them, and the automatic ones
    of persons who may not be written to."""
    for what, ids in (("ended", ended), ("completed", completed), ("person_ids", person_ids)):
        if ids:
            conn.execute(_CANCEL[what], {"ids": list(ids)})
