"""Calls: what a human has to do because no machine may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, text

from services.notifications.store.reading import Reader
from services.notifications.tables import call
from shared.database import json_rows
from shared.web.paging import keyset

_OPEN = text(
    """
    INSERT INTO notifications.call (id, about, assessment_id, referral_id, person_id, focal_point_id,
        notification_id, reason, sensitivity, priority, due_at, opened_at)
    SELECT id, COALESCE(referral_id, assessment_id, person_id, id), assessment_id, referral_id, person_id,
        focal_point_id, notification_id, reason, sensitivity, priority, due_at, :now
    FROM (
        SELECT DISTINCT ON (CASE WHEN reason = 'follow_up' THEN assessment_id ELSE id END) *
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, assessment_id uuid, referral_id uuid,
            person_id uuid, focal_point_id uuid, notification_id uuid, reason text, sensitivity text,
            priority smallint, due_at timestamptz)
        ORDER BY CASE WHEN reason = 'follow_up' THEN assessment_id ELSE id END, due_at, id) AS r
    WHERE NOT (r.reason = 'follow_up' AND EXISTS (
        SELECT FROM notifications.call AS c
        WHERE c.assessment_id = r.assessment_id AND c.reason = 'follow_up' AND c.closed_at IS NULL
            AND c.due_at <= r.due_at))
    ON CONFLICT (about, reason) WHERE closed_at IS NULL DO NOTHING
    RETURNING id::text
    """
)
_CLOSE = text(
    """
    UPDATE notifications.call SET closed_at = :now, closed_by = :by, result = :result
    WHERE id = :id AND closed_at IS NULL
    RETURNING id::text, person_id::text
    """
)


def open_calls(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> set[str]:
    """Open calls; one that is open about the same thing for the same reason is not opened twice. Returns new ids.

    A case with several referrals is asked after in one call: none is opened to follow up while one of the same
    assessment is open that is due no later.
    """
    return set(conn.scalars(_OPEN, {"rows": json_rows(list(rows)), "now": now})) if rows else set()


def find(conn: Connection, call_id: str) -> Row[Any] | None:
    return conn.execute(select(call).where(call.c.id == call_id)).one_or_none()


def close(conn: Connection, call_id: str, *, by: str | None, result: str, now: datetime) -> Row[Any] | None:
    """Close an open call; None when it is not open."""
    return conn.execute(_CLOSE, {"id": call_id, "by": by, "result": result, "now": now}).one_or_none()


def list_open(
    conn: Connection, reader: Reader, *, after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    """Open calls by due time, of those that the reader may see."""
    query = select(call).where(call.c.closed_at.is_(None))
    if reader.role == "focal_point":
        query = query.where(call.c.focal_point_id == reader.account_id)
    else:
        query = query.where(call.c.sensitivity != "S3")
    return conn.execute(keyset(query, [call.c.due_at, call.c.id], after=after, limit=limit)).all()
