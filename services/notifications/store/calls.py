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

FOLLOW_UP, BY_PROVIDER = "follow_up", "provider_follow_up"
"""Reasons of calls to ask how it went: those of the focal point, and those of the provider's people."""
_OPEN = text(
    """
    INSERT INTO notifications.call (id, about, assessment_id, referral_id, person_id, focal_point_id, organization_id,
        notification_id, reason, sensitivity, priority, due_at, opened_at)
    SELECT id, COALESCE(referral_id, assessment_id, person_id, id), assessment_id, referral_id, person_id,
        focal_point_id, organization_id, notification_id, reason, sensitivity, priority, due_at, :now
    FROM (
        SELECT DISTINCT ON (CASE WHEN reason = ANY(:to_follow_up) THEN assessment_id ELSE id END, organization_id) *
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, assessment_id uuid, referral_id uuid,
            person_id uuid, focal_point_id uuid, organization_id uuid, notification_id uuid, reason text,
            sensitivity text, priority smallint, due_at timestamptz)
        ORDER BY CASE WHEN reason = ANY(:to_follow_up) THEN assessment_id ELSE id END, organization_id, due_at, id
        ) AS r
    WHERE NOT (r.reason = ANY(:to_follow_up) AND EXISTS (
        SELECT FROM notifications.call AS c
        WHERE c.assessment_id = r.assessment_id AND c.reason = r.reason AND c.closed_at IS NULL
            AND c.organization_id IS NOT DISTINCT FROM r.organization_id AND c.due_at <= r.due_at))
    ON CONFLICT (about, reason) WHERE closed_at IS NULL DO NOTHING
    RETURNING id::text
    """
)
_LATE = text(
    """
    UPDATE notifications.call SET closed_at = :now, result = 'handed_on'
    WHERE id IN (
        SELECT id FROM notifications.call
        WHERE organization_id IS NOT NULL AND closed_at IS NULL AND due_at <= :now
        ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED)
    RETURNING assessment_id::text, referral_id::text, person_id::text, focal_point_id::text, sensitivity, priority
    """
)
_OLDEST_LATE = text(
    """
    SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(due_at)) FROM notifications.call
    WHERE organization_id IS NOT NULL AND closed_at IS NULL AND due_at <= :now
    """
)
_CLOSE_OF_PROVIDERS = text(
    """
    UPDATE notifications.call SET closed_at = :now, result = 'not_needed'
    WHERE about = ANY(CAST(:ids AS uuid[])) AND reason = :by_provider AND closed_at IS NULL
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
    assessment, to be made by the same people, is open that is due no later.
    """
    if not rows:
        return set()
    given = {"rows": json_rows(list(rows)), "now": now, "to_follow_up": [FOLLOW_UP, BY_PROVIDER]}
    return set(conn.scalars(_OPEN, given))


def find(conn: Connection, call_id: str) -> Row[Any] | None:
    return conn.execute(select(call).where(call.c.id == call_id)).one_or_none()


def close(conn: Connection, call_id: str, *, by: str | None, result: str, now: datetime) -> Row[Any] | None:
    """Close an open call; None when it is not open."""
    return conn.execute(_CLOSE, {"id": call_id, "by": by, "result": result, "now": now}).one_or_none()


def take_late(conn: Connection, *, now: datetime, batch: int) -> Sequence[Row[Any]]:
    """Close the calls that providers did not make in time."""
    return conn.execute(_LATE, {"now": now, "batch": batch}).all()


def oldest_late(conn: Connection, now: datetime) -> float | None:
    """Seconds by which the oldest call of a provider is overdue, or None."""
    age = conn.execute(_OLDEST_LATE, {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)


def close_of_providers(conn: Connection, referral_ids: Sequence[str], *, now: datetime) -> None:
    """The providers of these referrals have nothing to ask any more."""
    conn.execute(_CLOSE_OF_PROVIDERS, {"ids": list(referral_ids), "by_provider": BY_PROVIDER, "now": now})


def list_open(
    conn: Connection, reader: Reader, *, after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    """Open calls by due time, of those that the reader may see."""
    query = select(call).where(call.c.closed_at.is_(None))
    if reader.role == "focal_point":
        query = query.where(call.c.focal_point_id == reader.account_id, call.c.organization_id.is_(None))
    elif reader.role == "provider":
        if reader.organization_id is None:
            return []
        query = query.where(call.c.organization_id == reader.organization_id)
    else:
        query = query.where(call.c.sensitivity != "S3")
    return conn.execute(keyset(query, [call.c.due_at, call.c.id], after=after, limit=limit)).all()
