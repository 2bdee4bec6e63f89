"""What was said to whom, for those who may know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from services.notifications.domain import slots, templates
from services.notifications.domain.notification import WAITING
from services.notifications.store import reading
from services.notifications.store.reading import Reader
from shared.errors import NotFound


class NotificationNotFound(NotFound):
    code = "notification_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos este mensaje.")


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
