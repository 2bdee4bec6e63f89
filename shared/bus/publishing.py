"""Write facts to the bus, in the transaction of the change that they tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, text

from shared.bus.doorbell import Doorbell, drain_of
from shared.clock import rfc3339
from shared.database import json_rows
from shared.events.base import SENSITIVITY, Fact
from shared.events.registry import RESTRICTED_TO, has_urgent_lane, subscribers_of
from shared.failpoints import reach
from shared.ids import new_id

TO_RING = "ruta.bus.to_ring"

PUBLISH = text("SELECT bus.publish(CAST(:facts AS jsonb))")


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """An event as a subscriber gets it. `fact` is the frozen dataclass of its type."""

    id: str
    type: str
    subject: str
    seq: int
    time: datetime
    priority: int
    correlation_id: str | None
    fact: Any


def publish(
    conn: Connection,
    facts: Sequence[Fact],
    *,
    now: datetime,
    correlation_id: str | None = None,
    correlations: Mapping[str, str] | None = None,
) -> list[str]:
    """Write `facts` and one inbox row for each of their subscribers; returns the new events' ids.

    Part of the caller's transaction: nothing is visible, and nobody woken, before it commits. `correlations` maps a
    fact's subject to the correlation id of the request that began it; else `correlation_id`, else the one bound to
    the current context. A subject keeps the correlation id of its first fact whoever moves it on, so that a provider's
    answer stands under the request that began the case.

    Raises sqlalchemy.exc.IntegrityError when a (subject, seq) was published before.
    """
    if not facts:
        return []
    rows = _rows(facts, now=now, correlation_id=correlation_id, correlations=correlations)
    conn.execute(PUBLISH, {"facts": json_rows(rows)})
    _ring_later(conn, rows)
    return [row["id"] for row in rows]


def to_publish(
    conn: Connection, facts: Sequence[Fact], *, now: datetime, correlations: Mapping[str, str] | None = None
) -> str:
    """`facts` as the function `bus.publish` takes them, for a function of a service that writes its change and calls
    that one in the same round trip. Their subscribers are rung for after the commit, as by `publish`."""
    rows = _rows(facts, now=now, correlation_id=None, correlations=correlations)
    _ring_later(conn, rows)
    return json_rows(rows)


def _rows(
    facts: Sequence[Fact],
    *,
    now: datetime,
    correlation_id: str | None,
    correlations: Mapping[str, str] | None,
) -> list[dict[str, Any]]:
    default = correlation_id or structlog.contextvars.get_contextvars().get("correlation_id")
    by_subject = correlations or {}
    return [_row(fact, now=now, correlation_id=by_subject.get(fact.subject, default)) for fact in facts]


def _ring_later(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    to_ring: set[str] = conn.info.setdefault(TO_RING, set())
    for row in rows:
        for subscriber in row["subscribers"]:
            to_ring.add(drain_of(subscriber, urgent=has_urgent_lane(subscriber, row["priority"])))


def correlations_of(conn: Connection, subjects: Sequence[str]) -> dict[str, str | None]:
    """The correlation id under which each subject began; unknown subjects are left out."""
    rows = conn.execute(
        text("SELECT subject, correlation_id FROM bus.event WHERE subject = ANY(:subjects) AND seq = 1"),
        {"subjects": list(subjects)},
    )
    return {row.subject: row.correlation_id for row in rows}


@contextmanager
def transaction(engine: Engine, doorbell: Doorbell | None = None) -> Iterator[Connection]:
    """One transaction; after its commit the doorbells of everyone that was published to ring.

    A doorbell that cannot be rung costs latency, never an error: the sweeper finds what it missed.
    """
    with engine.begin() as conn:
        conn.info[TO_RING] = set()
        yield conn
        reach("publish.before_commit")
        to_ring: set[str] = conn.info.pop(TO_RING, set())
    reach("publish.after_commit")
    if doorbell is not None and to_ring:
        doorbell.ring_all(to_ring)
        reach("doorbell.after_ring")


def _row(fact: Fact, *, now: datetime, correlation_id: str | None) -> dict[str, Any]:
    kind = type(fact)
    listeners = subscribers_of(kind)
    if fact.sensitivity not in SENSITIVITY:
        raise ValueError(f"{kind.TYPE}: no such sensitivity class")
    allowed = RESTRICTED_TO.get(kind)
    if allowed is not None and not set(listeners) <= set(allowed):
        raise ValueError(f"{kind.TYPE} is restricted to {allowed}")
    return {
        "id": new_id(),
        "source": kind.SOURCE,
        "type": kind.TYPE,
        "subject": fact.subject,
        "seq": fact.seq,
        "time": rfc3339(now),
        "sensitivity": fact.sensitivity,
        "priority": fact.priority,
        "correlation_id": correlation_id,
        "data": fact.data(),
        "subscribers": list(listeners),
    }
