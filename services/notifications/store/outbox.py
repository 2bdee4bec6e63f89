"""Notifications on their way out: written once, claimed in batches, and settled by attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.database import json_rows

_ADD = text(
    """
    INSERT INTO notifications.notification (id, dedupe_key, audience, template_id, variables, assessment_id,
        referral_id, person_id, organization_id, focal_point_id, follow_up_id, sensitivity, priority, due_at,
        expires_at, correlation_id, created_at, updated_at)
    SELECT id, dedupe_key, audience, template_id, variables, assessment_id, referral_id, person_id, organization_id,
        focal_point_id, follow_up_id, sensitivity, priority, due_at, expires_at, correlation_id, due_at, due_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, dedupe_key text, audience text, template_id text,
        variables jsonb, assessment_id uuid, referral_id uuid, person_id uuid, organization_id uuid,
        focal_point_id uuid, follow_up_id uuid, sensitivity text, priority smallint, due_at timestamptz,
        expires_at timestamptz, correlation_id text)
    ON CONFLICT (dedupe_key) DO NOTHING
    """
)
_CLAIM = text(
    """
    UPDATE notifications.notification n SET token = :token, due_at = :taken
    FROM (SELECT id FROM notifications.notification
          WHERE status IN ('held', 'queued') AND due_at <= :now
          ORDER BY priority, due_at LIMIT :batch FOR UPDATE SKIP LOCKED) AS due
    WHERE n.id = due.id
    RETURNING n.id::text, n.audience, n.template_id, n.variables, n.assessment_id::text, n.referral_id::text,
        n.person_id::text, n.organization_id::text, n.focal_point_id::text, n.sensitivity, n.priority, n.expires_at,
        n.attempts, n.correlation_id, n.created_at
    """
)
_PUT_BACK = text(
    """
    UPDATE notifications.notification SET token = NULL, due_at = :due_at
    WHERE token = :token AND status IN ('held', 'queued')
    """
)
_OLDEST_DUE = text(
    """
    SELECT extract(epoch FROM CAST(:now AS timestamptz) - due_at) FROM notifications.notification
    WHERE status IN ('held', 'queued') AND due_at <= :now ORDER BY priority, due_at LIMIT 1
    """
)
_OLDEST_ABANDONED = text(
    """
    SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(lease_until)) FROM notifications.notification
    WHERE status = 'sending' AND lease_until < :now
    """
)
_BEGIN = text(
    """
    WITH attempt AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, delivery_id uuid, number_index text,
            sent_template_id text, language text, used jsonb)
    ), begun AS (
        UPDATE notifications.notification n
        SET status = 'sending', attempts = n.attempts + 1, lease_until = :lease, updated_at = :now,
            sent_template_id = a.sent_template_id, language = a.language, variables = n.variables || a.used
        FROM attempt a
        WHERE n.id = a.id AND n.token = :token AND n.status IN ('held', 'queued')
        RETURNING n.id, n.attempts, a.delivery_id, a.number_index
    )
    INSERT INTO notifications.delivery (id, notification_id, attempt, channel, number_index, started_at)
    SELECT delivery_id, id, attempts, :channel, CAST(number_index AS bytea), :now FROM begun
    RETURNING id::text, notification_id::text, attempt
    """
)
_MOVE = text(
    """
    WITH change AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, from_status text[], token uuid,
            status text, reason text, due_at timestamptz, uncounted smallint, told smallint)
    ), held AS MATERIALIZED (
        SELECT id FROM notifications.notification WHERE id IN (SELECT id FROM change) ORDER BY id FOR UPDATE
    )
    UPDATE notifications.notification n
    SET status = r.status, reason = r.reason, due_at = COALESCE(r.due_at, n.due_at), updated_at = :now,
        attempts = n.attempts - r.uncounted, token = NULL, lease_until = NULL, version = n.version + r.told
    FROM change r JOIN held USING (id)
    WHERE n.id = r.id AND n.status = ANY(r.from_status) AND (r.token IS NULL OR n.token = r.token)
    RETURNING n.id::text, n.audience, n.template_id, n.sent_template_id, n.assessment_id::text, n.referral_id::text,
        n.person_id::text, n.focal_point_id::text, n.sensitivity, n.priority, n.status, n.reason, n.version,
        n.correlation_id, r.told
    """
)
_END = text(
    """
    UPDATE notifications.delivery d SET ended_at = :now, ended = r.ended, error_class = r.error_class
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, ended text, error_class text)
    WHERE d.id = r.id AND d.ended IS NULL
    """
)
_ABANDONED = text(
    """
    SELECT n.id::text, n.audience, n.attempts, n.token::text, n.referral_id::text, n.assessment_id::text,
        n.person_id::text, n.focal_point_id::text, n.sensitivity, n.priority, n.correlation_id,
        (SELECT d.id::text FROM notifications.delivery d WHERE d.notification_id = n.id AND d.ended IS NULL
         ORDER BY d.attempt DESC LIMIT 1) AS delivery_id
    FROM notifications.notification n
    WHERE n.status = 'sending' AND n.lease_until < :now
    ORDER BY n.lease_until LIMIT :batch FOR UPDATE OF n SKIP LOCKED
    """
)
_CANCEL_WAITING = """
    UPDATE notifications.notification SET status = 'cancelled', reason = :reason, updated_at = :now,
        version = version + 1, token = NULL
    WHERE status IN ('held', 'queued') AND {whose} = ANY(CAST(:ids AS uuid[]))
    RETURNING id::text, audience, template_id, sent_template_id, assessment_id::text, referral_id::text,
        person_id::text, focal_point_id::text, sensitivity, priority, status, reason, version, correlation_id,
        1 AS told
    """
_CANCEL_OF_REFERRALS = text(_CANCEL_WAITING.format(whose="referral_id"))
_CANCEL_OF_PERSONS = text(_CANCEL_WAITING.format(whose="audience = 'person' AND person_id"))


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a batch: its token, when it began, until when nobody else takes over before the attempts
    begin (`taken`), and until when they may last (`lease`)."""

    token: str
    now: datetime
    taken: datetime
    lease: datetime


def add(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write intents, `queued`. One with a `dedupe_key` that exists is left as it is."""
    if rows:
        conn.execute(_ADD, {"rows": json_rows(list(rows))})


def take(conn: Connection, claim: Claim, *, batch: int) -> Sequence[Row[Any]]:
    """Up to `batch` due notifications, most urgent first, kept from others for a while."""
    return conn.execute(_CLAIM, {"batch": batch, **asdict(claim)}).all()


def put_back(conn: Connection, *, token: str, due_at: datetime) -> None:
    """Let go of what was claimed under `token` and not begun."""
    conn.execute(_PUT_BACK, {"token": token, "due_at": due_at})


def oldest_due(conn: Connection, now: datetime) -> float | None:
    """Seconds the most urgent due notification has waited, or None."""
    age = conn.execute(_OLDEST_DUE, {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)


def oldest_abandoned(conn: Connection, now: datetime) -> float | None:
    """Seconds since the first lease of an attempt ran out without a record, or None."""
    age = conn.execute(_OLDEST_ABANDONED, {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)


def begin(
    conn: Connection, rows: Sequence[dict[str, Any]], claim: Claim, *, channel: str
) -> Sequence[Row[Any]]:
    """Write attempts for claimed notifications and mark them `sending`. What was cancelled meanwhile is not begun:
    only rows that come back (delivery id, notification id, attempt) may be handed to the channel."""
    if not rows:
        return []
    parameters = {"rows": json_rows(list(rows)), "channel": channel, **asdict(claim)}
    return conn.execute(_BEGIN, parameters).all()


def move(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> Sequence[Row[Any]]:
    """Change statuses; a row whose notification is no longer in `from_status` (or under `token`) changes nothing.

    Rows: id, from_status, token, status, reason, due_at, uncounted (1 takes an attempt back), told (1 when a fact
    will be published). Returns what the facts need, for what changed.
    """
    return conn.execute(_MOVE, {"rows": json_rows(list(rows)), "now": now}).all() if rows else []


def end(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Write how attempts ended: id, ended, error_class."""
    if rows:
        conn.execute(_END, {"rows": json_rows(list(rows)), "now": now})


def abandoned(conn: Connection, *, now: datetime, batch: int) -> Sequence[Row[Any]]:
    """Notifications still `sending` after their lease: their worker died between the call and the record."""
    return conn.execute(_ABANDONED, {"now": now, "batch": batch}).all()


def cancel_of_referrals(
    conn: Connection, referral_ids: Sequence[str], *, reason: str, now: datetime
) -> Sequence[Row[Any]]:
    """Cancel what waits for these referrals; what is already on its way stays. Returns what changed."""
    return conn.execute(_CANCEL_OF_REFERRALS, {"ids": list(referral_ids), "reason": reason, "now": now}).all()


def cancel_of_persons(
    conn: Connection, person_ids: Sequence[str], *, reason: str, now: datetime
) -> Sequence[Row[Any]]:
    """Cancel what waits for these persons; what is already on its way stays. Returns what changed."""
    return conn.execute(_CANCEL_OF_PERSONS, {"ids": list(person_ids), "reason": reason, "now": now}).all()
