"""Events that nobody could act on: listed, replayed, or discarded with a reason that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shared.errors import Invalid, NotFound


@dataclass(frozen=True)
class DeadLetter:
    """`subject` and `type` say what is stuck; `waiting` how many later events of the subject wait behind it."""

    event_id: str
    subscriber: str
    type: str
    subject: str
    seq: int
    time: datetime
    attempts: int
    error_class: str | None
    waiting: int


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a dead letter: `replayed` or `discarded`, by whom (an account's id, or whoever gave
    the command), and why. `number` counts decisions."""

    number: int
    event_id: str
    subscriber: str
    type: str | None
    decision: str
    reason: str
    decided_by: str
    decided_at: datetime


LIST = text(
    """
    SELECT i.event_id, i.subscriber, e.type, i.subject, i.seq, e."time", i.attempts, i.error_class,
      (SELECT count(*) FROM bus.inbox w WHERE w.subscriber = i.subscriber AND w.subject = i.subject
         AND w.seq > i.seq AND w.state IN ('due', 'dead')) AS waiting
    FROM bus.inbox i JOIN bus.event e ON e.id = i.event_id
    WHERE i.state = 'dead' AND (CAST(:subscriber AS text) IS NULL OR i.subscriber = :subscriber)
      AND (CAST(:event_id AS uuid) IS NULL OR i.event_id = CAST(:event_id AS uuid))
    ORDER BY i.event_id LIMIT :limit
    """
)


DECIDED = text(
    """
    SELECT d.id AS number, d.event_id, d.subscriber, e.type, d.decision, d.reason, d.decided_by, d.decided_at
    FROM bus.dead_letter_decision d LEFT JOIN bus.event e ON e.id = d.event_id
    WHERE (CAST(:event_id AS uuid) IS NULL OR d.event_id = CAST(:event_id AS uuid))
      AND (CAST(:before AS bigint) IS NULL OR d.id < :before)
    ORDER BY d.id DESC LIMIT :limit
    """
)
MOST = 200
LONGEST_REASON = 500


def decided(
    conn: Connection, *, event_id: str | None = None, before: int | None = None, limit: int = MOST
) -> list[Decision]:
    """What was decided, newest first, at most `limit`, earlier than number `before`; `type` is None where the event was
    removed since."""
    rows = conn.execute(DECIDED, {"event_id": event_id, "before": before, "limit": limit}).mappings()
    return [Decision(**{**row, "event_id": str(row["event_id"])}) for row in rows]


def find(
    conn: Connection, *, subscriber: str | None = None, event_id: str | None = None, limit: int = MOST
) -> list[DeadLetter]:
    """Dead letters, oldest first, at most `limit`."""
    rows = conn.execute(LIST, {"subscriber": subscriber, "event_id": event_id, "limit": limit}).mappings()
    return [DeadLetter(**{**row, "event_id": str(row["event_id"])}) for row in rows]


def replay(conn: Connection, *, subscriber: str, event_id: str, by: str) -> None:
    """Make a dead letter due again, with all its attempts. Raises NotFound if it is not dead."""
    _decide(conn, subscriber, event_id, "due")
    _record(conn, (subscriber, event_id, "replayed", "replay", by))


def discard(conn: Connection, *, subscriber: str, event_id: str, reason: str, by: str) -> None:
    """Give a dead letter up; what waits behind it goes on. Raises Invalid for no reason or a long one, NotFound if not
    dead."""
    if not reason.strip():
        raise Invalid("Para descartar un evento hace falta un motivo.", code="reason_missing")
    if len(reason) > LONGEST_REASON:
        raise Invalid("El motivo puede tener hasta 500 caracteres.", code="reason_too_long")
    _decide(conn, subscriber, event_id, "discarded")
    _record(conn, (subscriber, event_id, "discarded", reason.strip(), by))


def _decide(conn: Connection, subscriber: str, event_id: str, state: str) -> None:
    changed = conn.execute(
        text(
            """
            UPDATE bus.inbox SET state = :state, attempts = 0, due_at = clock_timestamp()
            WHERE subscriber = :subscriber AND event_id = CAST(:event_id AS uuid) AND state = 'dead'
            """
        ),
        {"state": state, "subscriber": subscriber, "event_id": event_id},
    )
    if changed.rowcount != 1:
        raise NotFound("No hay un evento detenido con ese identificador.", code="dead_letter_not_found")


def _record(conn: Connection, decision: tuple[str, str, str, str, str]) -> None:
    subscriber, event_id, kind, reason, by = decision
    conn.execute(
        text(
            """
            INSERT INTO bus.dead_letter_decision (subscriber, event_id, decision, reason, decided_by)
            VALUES (:subscriber, CAST(:event_id AS uuid), :kind, :reason, :by)
            """
        ),
        {"subscriber": subscriber, "event_id": event_id, "kind": kind, "reason": reason, "by": by},
    )
