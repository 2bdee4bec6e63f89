"""Notifications on their way out: written once, claimed in batches, and settled by attempt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.database import json_rows
from shared.events import LAST

_ADD = text("SELECT notifications.add(CAST(:rows AS jsonb))")
_TAKE = text(
    "SELECT * FROM notifications.take("
    "CAST(:token AS uuid), :now, :taken, :batch, CAST(:last_priority AS smallint))"
)
_BEGIN = text(
    "SELECT * FROM notifications.begin_attempts(CAST(:rows AS jsonb), CAST(:token AS uuid), :now, :lease, :channel)"
)
_CONCLUDE = text(
    "SELECT * FROM notifications.conclude("
    "CAST(:changes AS jsonb), CAST(:ended AS jsonb), CAST(:reported AS jsonb), :now)"
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
    WHERE status IN ('held', 'queued') AND priority <= :last_priority AND due_at <= :now
    ORDER BY priority, due_at LIMIT 1
    """
)
_OLDEST_ABANDONED = text(
    """
    SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(lease_until)) FROM notifications.notification
    WHERE status = 'sending' AND lease_until < :now
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


def take(conn: Connection, claim: Claim, *, batch: int, last_priority: int = LAST) -> Sequence[Row[Any]]:
    """Up to `batch` due notifications of priorities down to `last_priority`, most urgent first, kept from others for a
    while."""
    return conn.execute(_TAKE, {"batch": batch, "last_priority": last_priority, **asdict(claim)}).all()


def put_back(conn: Connection, *, token: str, due_at: datetime) -> None:
    """Let go of what was claimed under `token` and not begun."""
    conn.execute(_PUT_BACK, {"token": token, "due_at": due_at})


def oldest_due(conn: Connection, now: datetime, *, last_priority: int = LAST) -> float | None:
    """Seconds the most urgent due notification has waited, or None."""
    age = conn.execute(_OLDEST_DUE, {"now": now, "last_priority": last_priority}).scalar_one_or_none()
    return None if age is None else float(age)


def oldest_abandoned(conn: Connection, now: datetime) -> float | None:
    """Seconds since the first lease of an attempt ran out without a record, or None."""
    age = conn.execute(_OLDEST_ABANDONED, {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)


def begin(conn: Connection, rows: Sequence[dict[str, Any]], claim: Claim, *, channel: str) -> set[str]:
    """Write attempts for claimed notifications and mark them `sending`. What was cancelled meanwhile is not begun:
    only those whose delivery id comes back may be handed to the channel."""
    if not rows:
        return set()
    return set(conn.scalars(_BEGIN, {"rows": _by_id(rows), "channel": channel, **asdict(claim)}))


@dataclass(frozen=True)
class Attempted:
    """What became of attempts, by delivery id: how calls ended, or what was reported later."""

    ended: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[str, str] = field(default_factory=dict)


def conclude(
    conn: Connection,
    changes: Sequence[dict[str, Any]],
    attempted: Attempted = Attempted(),
    *,
    now: datetime,
) -> Sequence[Row[Any]]:
    """Change statuses; one whose notification is no longer in `from_status` (or under `token`, or at `attempt`) changes
    nothing. Then write what became of attempts: notifications before attempts, each in the order of their ids, so that
    nobody waits in a ring.

    Changes: id, from_status, token, attempt, status, reason, due_at, uncounted (1 takes an attempt back), told (1 when
    a fact will be published). Returns what the facts need, for what changed.
    """
    if not (changes or attempted.ended or attempted.reported):
        return []
    what = {
        "changes": _by_id(changes),
        "ended": json.dumps(dict(attempted.ended)),
        "reported": json.dumps(dict(attempted.reported)),
    }
    return conn.execute(_CONCLUDE, what | {"now": now}).all()


def _by_id(rows: Sequence[dict[str, Any]]) -> str:
    """One JSON object, for functions that look up what they write by the id of the row that they are at."""
    return json.dumps({row["id"]: row for row in rows}, default=str, ensure_ascii=False)


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
