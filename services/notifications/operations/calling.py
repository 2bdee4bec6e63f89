"""Calls: closed by whoever made them, here or in another service; those of a provider handed on when she cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from services.notifications.operations import facts
from services.notifications.store import calls, limits
from services.notifications.store.reading import Reader
from shared import bus
from shared.bus import Received
from shared.errors import Conflict, NotFound
from shared.events.notifications import CallClosed

RESTRICTED = "S3"
PROVIDER = "provider"
UNREACHED = frozenset({"no_answer", "handed_on"})


class CallNotFound(NotFound):
    code = "call_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos esta llamada pendiente.")


class CallWasClosed(Conflict):
    code = "call_closed"

    def __init__(self) -> None:
        super().__init__("Esta llamada ya estaba cerrada.")


def describe(row: Row[Any], reader: Reader) -> dict[str, Any]:
    """A call as `reader` may read it: a provider knows the referral, and by it the person, not who made it."""
    hidden = {"person_id": None, "focal_point_id": None} if reader.role == PROVIDER else {}
    return {**row._mapping, **hidden}


def close_call(
    conn: Connection, reader: Reader, call_id: str, *, answer: dict[str, Any], now: datetime
) -> None:
    """Close a call the reader may see (`result`, `resume`). Where a provider reached nobody, the focal point calls.
    Raises NotFound, or Conflict when it was closed before."""
    found = calls.find(conn, call_id)
    if found is None or not _may_see(reader, found):
        raise CallNotFound
    closed = calls.close(conn, call_id, by=reader.account_id, result=answer["result"], now=now)
    if closed is None:
        raise CallWasClosed
    if reader.role == PROVIDER:
        if answer["result"] in UNREACHED:
            _hand_on(conn, [found], now=now)
        return
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


def hand_on_late(conn: Connection, *, now: datetime, batch: int) -> int:
    """What a provider did not do in time, having no account, no time or no answer, the focal point does."""
    late = calls.take_late(conn, now=now, batch=batch)
    _hand_on(conn, late, now=now)
    return len(late)


def _hand_on(conn: Connection, rows: Sequence[Row[Any]], *, now: datetime) -> None:
    facts.request_calls(
        conn, [facts.call_row(row, reason="provider_did_not_call", now=now) for row in rows], now=now
    )


def _may_see(reader: Reader, call: Row[Any]) -> bool:
    if reader.role == "focal_point":
        return bool(call.focal_point_id == reader.account_id and call.organization_id is None)
    if reader.role == PROVIDER:
        return call.organization_id is not None and bool(call.organization_id == reader.organization_id)
    return bool(call.sensitivity != RESTRICTED)
