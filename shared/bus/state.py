"""How the bus is doing: backlog and lag per subscriber."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from shared.events.base import LAST


@dataclass(frozen=True)
class Backlog:
    """`due`: events waiting to be acted on now; `lag`: age in seconds of the oldest of them; `dead`: dead letters."""

    subscriber: str
    due: int
    lag: float
    dead: int


COUNT_CAP = 100_000


def backlog(conn: Connection, subscriber: str) -> Backlog:
    """The backlog of `subscriber`. Counts stop at 100,000, so that asking stays cheap when things are bad."""
    row = conn.execute(
        text(
            """
            SELECT
              (SELECT count(*) FROM (SELECT FROM bus.inbox WHERE subscriber = :s AND state = 'due'
                 AND due_at <= clock_timestamp() LIMIT :cap) AS waiting) AS due,
              (SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM bus.inbox
                 WHERE subscriber = :s AND state = 'due' AND due_at <= clock_timestamp()) AS lag,
              (SELECT count(*) FROM (SELECT FROM bus.inbox WHERE subscriber = :s AND state = 'dead'
                 LIMIT :cap) AS parked) AS dead
            """
        ),
        {"s": subscriber, "cap": COUNT_CAP},
    ).one()
    return Backlog(subscriber=subscriber, due=row.due, lag=float(row.lag or 0.0), dead=row.dead)


def oldest_due_seconds(conn: Connection, subscriber: str, *, last_priority: int = LAST) -> float | None:
    """Age in seconds of the oldest event that is due and may act now, or None when there is none. Asks only about
    priorities from 0 to `last_priority`.

    One that waits behind a dead letter of its own subject does not count: no worker could take it.
    """
    age = conn.execute(
        text(
            """
            SELECT extract(epoch FROM clock_timestamp() - i.due_at) FROM bus.inbox i
            WHERE i.subscriber = :s AND i.state = 'due' AND i.due_at <= clock_timestamp()
              AND i.priority <= :last_priority
              AND NOT EXISTS (SELECT FROM bus.inbox p WHERE p.subscriber = i.subscriber AND p.subject = i.subject
                              AND p.seq < i.seq AND p.state = 'dead')
            ORDER BY i.priority, i.due_at LIMIT 1
            """
        ),
        {"s": subscriber, "last_priority": last_priority},
    ).scalar_one_or_none()
    return None if age is None else float(age)
