"""Calls: closed by whoever made them, here or in another service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from services.notifications.store import calls, limits
from services.notifications.store.reading import Reader
from shared import bus
from shared.bus import Received
from shared.errors import Conflict, NotFound
from shared.events.notifications import CallClosed

RESTRICTED = "S3"


class CallNotFound(NotFound):
    code = "call_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos esta llamada pendiente.")


class CallWasClosed(Conflict):
    code = "call_closed"

    def __init__(self) -> None:
        super().__init__("Esta llamada ya estaba cerrada.")


def close_call(
    conn: Connection, reader: Reader, call_id: str, *, answer: dict[str, Any], now: datetime
) -> None:
    """Close a call the reader may see (`result`, `resume`). Raises NotFound, or Conflict when it was closed before."""
    found = calls.find(conn, call_id)
    if found is None or not _may_see(reader, found):
        raise CallNotFound
    closed = calls.close(conn, call_id, by=reader.account_id, result=answer["result"], now=now)
    if closed is None:
        raise CallWasClosed
    if answer["resume"] and closed.person_id is not None:
        limits.lift(conn, closed.person_id, by=reader.account_id, now=now)
    told = CallClosed(
        seq=CallClosed.HERE,
        sensitivity=found.sensitivity,
        priority=found.priority,
        call_id=call_id,
        assessment_id=found.assessment_id,
        result=answer["result"],
    )
    bus.publish(conn, [told], now=now)


def strike_out(conn: Connection, events: Sequence[Received]) -> None:
    """Calls that were closed where their lists are shown: the next ones of these cases need not wait for them."""
    for event in events:
        calls.close(conn, event.fact.call_id, by=None, result=event.fact.result, now=event.time)


def _may_see(reader: Reader, call: Row[Any]) -> bool:
    if reader.role == "focal_point":
        return bool(call.focal_point_id == reader.account_id)
    return bool(call.sensitivity != RESTRICTED)
