"""What pages and API show: notifications, attempts, health of messages, the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, text

from services.notifications.tables import delivery, notification, sandbox_message
from shared.database import json_rows
from shared.web.paging import keyset

_KEEP = text(
    """
    INSERT INTO notifications.sandbox_message (id, number_index, phone_end, direction, text, at)
    SELECT id, CAST(number_index AS bytea), phone_end, direction, text, at FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(id uuid, number_index text, phone_end text, direction text, text text, at timestamptz)
    ON CONFLICT DO NOTHING
    """
)
_HEALTH = text(
    """
    SELECT status, count(*) AS number FROM notifications.notification
    WHERE created_at > :since GROUP BY status
    """
)
_REASONS = text(
    """
    SELECT status, reason, count(*) AS number FROM notifications.notification
    WHERE status IN ('failed', 'unknown', 'refused') AND updated_at > :since
    GROUP BY status, reason ORDER BY number DESC, reason
    """
)
_OVERDUE = text(
    """
    SELECT count(*) AS number, extract(epoch FROM CAST(:now AS timestamptz) - min(due_at)) AS lag
    FROM (SELECT due_at FROM notifications.notification
          WHERE status IN ('held', 'queued') AND due_at <= :now LIMIT :cap) AS due
    """
)
_FORGET = text("DELETE FROM notifications.sandbox_message WHERE at < :before")
_OLDEST_TEXT = text(
    """
    SELECT extract(epoch FROM CAST(:before AS timestamptz) - LEAST(
        (SELECT min(received_at) FROM notifications.inbound WHERE sealed_text IS NOT NULL),
        (SELECT min(at) FROM notifications.sandbox_message))) AS age
    """
)


@dataclass(frozen=True)
class Reader:
    """Who looks: a focal point sees her own cases, a coordinator all but the restricted ones, a provider the calls of
    her organization and no message."""

    account_id: str
    role: str
    organization_id: str | None = None

    def limit(self, query: Select[Any]) -> Select[Any]:
        if self.role == "focal_point":
            return query.where(notification.c.focal_point_id == self.account_id)
        return query.where(notification.c.sensitivity != "S3") if self.role == "coordinator" else query


def notifications_of(
    conn: Connection, reader: Reader, assessment_id: str, *, after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    """The notifications about an assessment, oldest first."""
    query = reader.limit(select(notification).where(notification.c.assessment_id == assessment_id))
    columns = [notification.c.created_at, notification.c.id]
    return conn.execute(keyset(query, columns, after=after, limit=limit)).all()


def find_notification(conn: Connection, reader: Reader, notification_id: str) -> Row[Any] | None:
    query = reader.limit(select(notification).where(notification.c.id == notification_id))
    return conn.execute(query).one_or_none()


def deliveries_of(conn: Connection, notification_id: str) -> Sequence[Row[Any]]:
    """The attempts of a notification, first to last. Three or four at most."""
    query = select(delivery).where(delivery.c.notification_id == notification_id)
    return conn.execute(query.order_by(delivery.c.attempt, delivery.c.id)).all()


def health(conn: Connection, *, since: datetime) -> tuple[dict[str, int], Sequence[Row[Any]]]:
    """How many notifications stand where since then, and why some did not go out."""
    counts = {row.status: row.number for row in conn.execute(_HEALTH, {"since": since})}
    return counts, conn.execute(_REASONS, {"since": since}).all()


def troubled(
    conn: Connection, reader: Reader, *, after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    """Notifications that failed, are in doubt or were refused, newest first."""
    query = reader.limit(
        select(notification).where(notification.c.status.in_(("failed", "unknown", "refused")))
    )
    columns = [notification.c.updated_at, notification.c.id]
    return conn.execute(keyset(query, columns, after=after, limit=limit, descending=True)).all()


def waiting(conn: Connection) -> int:
    """How many notifications wait to be sent or for their hour."""
    query = select(func.count()).where(notification.c.status.in_(("held", "queued")))
    return int(conn.execute(query).scalar_one())


def overdue(conn: Connection, now: datetime) -> tuple[int, float]:
    """How many messages could be handed to the gateway now, up to 100,000, and for how many seconds the oldest."""
    row = conn.execute(_OVERDUE, {"now": now, "cap": 100_000}).one()
    return int(row.number), float(row.lag or 0.0)


def keep_in_sandbox(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Put texts on the sandbox page: id, number_index (as \\x…), phone_end, direction, text, at."""
    if rows:
        conn.execute(_KEEP, {"rows": json_rows(list(rows))})


def sandbox(conn: Connection, *, after: Sequence[Any] | None, limit: int) -> Sequence[Row[Any]]:
    """The texts of the sandbox, newest first."""
    columns = [sandbox_message.c.at, sandbox_message.c.id]
    return conn.execute(
        keyset(select(sandbox_message), columns, after=after, limit=limit, descending=True)
    ).all()


def find_in_sandbox(conn: Connection, message_id: str) -> Row[Any] | None:
    return conn.execute(select(sandbox_message).where(sandbox_message.c.id == message_id)).one_or_none()


def forget_sandbox(conn: Connection, *, before: datetime) -> int:
    """Erase older texts. How many were."""
    return conn.execute(_FORGET, {"before": before}).rowcount


def oldest_text(conn: Connection, *, before: datetime) -> float | None:
    """Seconds by which the oldest kept text is older than `before`, or None when none is."""
    age = conn.execute(_OLDEST_TEXT, {"before": before}).scalar_one_or_none()
    return float(age) if age is not None and age > 0 else None
