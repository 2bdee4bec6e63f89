"""The facts this service tells, made from the rows that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from services.notifications.domain.notification import TOLD, Status, can_become
from services.notifications.store import calls
from shared import bus
from shared.clock import rfc3339
from shared.events.notifications import CallRequested, NotificationUpdated
from shared.ids import new_id

URGENT: Final = timedelta(hours=2)
ORDINARY: Final = timedelta(days=1)
AT_ONCE: Final = timedelta(hours=1)
CHANNEL: Final = "sms"
_FROM: Final = {
    status: tuple(before.value for before in Status if can_become(before, status)) for status in Status
}


def tell_updates(conn: Connection, rows: Iterable[Row[Any]], *, now: datetime) -> None:
    """Publish `notification.updated` for moved notifications whose row says `told`."""
    told = [row for row in rows if row.told]
    facts = [
        NotificationUpdated(
            seq=row.version,
            sensitivity=row.sensitivity,
            priority=row.priority,
            notification_id=row.id,
            assessment_id=row.assessment_id,
            referral_id=row.referral_id,
            audience=row.audience,
            template_id=row.sent_template_id or row.template_id,
            channel=CHANNEL,
            status=row.status,
            reason=row.reason,
        )
        for row in told
    ]
    by_subject = {
        fact.subject: row.correlation_id for fact, row in zip(facts, told, strict=True) if row.correlation_id
    }
    bus.publish(conn, facts, now=now, correlations=by_subject)


def call_row(source: Any, *, reason: str, now: datetime, within: timedelta | None = None) -> dict[str, Any]:
    """A call of the focal point about whatever `source` (a row or a fact) is about, due by its priority or `within` a
    time."""
    wait = within or (URGENT if source.priority <= 1 else ORDINARY)
    return {
        "id": new_id(),
        "assessment_id": source.assessment_id,
        "referral_id": getattr(source, "referral_id", None),
        "person_id": source.person_id,
        "focal_point_id": source.focal_point_id,
        "organization_id": None,
        "notification_id": getattr(source, "notification_id", None),
        "reason": reason,
        "sensitivity": source.sensitivity,
        "priority": source.priority,
        "due_at": rfc3339(now + wait),
        "correlation_id": getattr(source, "correlation_id", None),
    }


def request_calls(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Open calls and publish `call.requested` for those that were not open yet. Those of a provider stay here, where
    its list is: nobody else is told."""
    opened = calls.open_calls(conn, rows, now=now)
    bus.publish(
        conn,
        [
            CallRequested(
                seq=1,
                sensitivity=row["sensitivity"],
                priority=row["priority"],
                call_id=row["id"],
                assessment_id=row["assessment_id"],
                referral_id=row["referral_id"],
                person_id=row["person_id"],
                focal_point_id=row["focal_point_id"],
                reason=row["reason"],
                due_at=row["due_at"],
            )
            for row in rows
            if row["id"] in opened and row["organization_id"] is None
        ],
        now=now,
        correlations={f"call/{row['id']}": row["correlation_id"] for row in rows if row["correlation_id"]},
    )


def moving(
    notification_id: str,
    status: Status,
    *,
    reason: str | None = None,
    due_at: datetime | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """A change for `outbox.conclude` with the steps that the status table allows."""
    return {
        "id": notification_id,
        "from_status": list(_FROM[status]),
        "token": token,
        "attempt": None,
        "status": status.value,
        "reason": reason,
        "due_at": due_at,
        "uncounted": 0,
        "told": int(status in TOLD),
    }
