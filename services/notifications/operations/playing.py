"""The sandbox: texts kept for a page, and answers given there in the person's place. Only in a demo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from services.notifications.channels.base import Outgoing
from services.notifications.operations import answering
from services.notifications.operations.answering import Incoming
from services.notifications.store import reading
from services.notifications.store.sealing import Seals
from shared.clock import rfc3339
from shared.errors import NotFound
from shared.ids import new_id

SHOWN_DIGITS = 4


class SandboxMessageNotFound(NotFound):
    code = "sandbox_message_not_found"

    def __init__(self) -> None:
        super().__init__("No encontramos este mensaje.")


def keeper(
    engine: Engine, seals: Seals, clock: Callable[[], datetime]
) -> Callable[[Sequence[Outgoing]], None]:
    """What the sandbox channel keeps its texts with."""

    def keep(messages: Sequence[Outgoing]) -> None:
        now = rfc3339(clock())
        rows = [
            _row(one.delivery_id, (seals.index(one.to), one.to[-SHOWN_DIGITS:]), ("out", one.text), now)
            for one in messages
        ]
        with engine.begin() as conn:
            reading.keep_in_sandbox(conn, rows)

    return keep


def reply(conn: Connection, seals: Seals, message_id: str, text: str, *, now: datetime) -> str:
    """Answer a sandbox message as the person whose phone it is; the answer's id. Raises NotFound."""
    message = reading.find_in_sandbox(conn, message_id)
    if message is None or message.direction != "out":
        raise SandboxMessageNotFound
    reply_id = new_id()
    answering.receive(conn, seals, Incoming("sandbox", reply_id, (message.number_index,), text), now=now)
    row = _row(reply_id, (message.number_index, message.phone_end), ("in", text), rfc3339(now))
    reading.keep_in_sandbox(conn, [row])
    return reply_id


def _row(message_id: str, phone: tuple[bytes, str], said: tuple[str, str], at: str) -> dict[str, Any]:
    number_index, phone_end = phone
    direction, text = said
    return {
        "id": message_id,
        "number_index": "\\x" + number_index.hex(),
        "phone_end": phone_end,
        "direction": direction,
        "text": text,
        "at": at,
    }
