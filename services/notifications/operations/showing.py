"""What was said to whom, for those who may know; calls listed and closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from services.notifications.domain import slots, templates
from services.notifications.domain.notification import WAITING
from services.notifications.store import calls, limits, reading
from services.notifications.store.reading import Reader
from shared.errors import Conflict, NotFound

RESTRICTED = "S3"


class NotificationNotFound(NotFound):
    code = "notification_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos este mensaje.")


class CallNotFound(NotFound):
    code = "call_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos esta llamada pendiente.")


class CallClosed(Conflict):
    code = "call_closed"

    def __init__(self) -> None:
        super().__init__("Esta llamada ya estaba cerrada.")


def text_of(row: Row[Any]) -> str | None:
    """What a notification said, word by word; None while nothing was sent, or when its template has changed since."""
    values = row.variables.get("values")
    if values is None or row.sent_template_id is None:
        return None
    try:
        return templates.get(row.sent_template_id, row.language).fill(values)
    except (slots.SlotError, KeyError):
        return None


def describe(row: Row[Any]) -> dict[str, Any]:
    """A notification as the API answers it."""
    return {
        **row._mapping,
        "template_id": row.sent_template_id or row.template_id,
        "text": text_of(row),
        "due_at": row.due_at if row.status in WAITING else None,
    }


def deliveries(conn: Connection, reader: Reader, notification_id: str) -> Sequence[Row[Any]]:
    """The attempts of a notification the reader may see. Raises NotFound."""
    if reading.find_notification(conn, reader, notification_id) is None:
        raise NotificationNotFound
    return reading.deliveries_of(conn, notification_id)


def close_call(
    conn: Connection, reader: Reader, call_id: str, *, answer: dict[str, Any], now: datetime
) -> None:
    """Close a call the reader may see (`result`, `resume`). Raises NotFound, or Conflict when it was closed before."""
    found = calls.find(conn, call_id)
    if found is None or not _may_see(reader, found):
        raise CallNotFound
    closed = calls.close(conn, call_id, by=reader.account_id, result=answer["result"], now=now)
    if closed is None:
        raise CallClosed
    if answer["resume"] and closed.person_id is not None:
        limits.lift(conn, closed.person_id, by=reader.account_id, now=now)


def _may_see(reader: Reader, call: Row[Any]) -> bool:
    if reader.role == "focal_point":
        return bool(call.focal_point_id == reader.account_id)
    return bool(call.sensitivity != RESTRICTED)
