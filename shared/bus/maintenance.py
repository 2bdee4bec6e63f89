"""What was acted on long ago is removed, so that the bus stays small however long it lives.

Only finished events go: what is due, dead or was discarded with a reason stays until somebody has dealt with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from shared.clock import utc_now
from shared.failpoints import reach

KEEP = timedelta(days=30)
"""How long an event stays after everybody has acted on it: long enough to ask what happened."""
BATCH = 5_000
PAUSE = timedelta(hours=1)
"""How much older than KEEP the oldest may get before the job runs: it should work in batches, not row by row."""

_INBOX = text(
    """
    WITH old AS (
        SELECT event_id, subscriber FROM bus.inbox
        WHERE event_id < CAST(:first_kept AS uuid) AND subscriber = :subscriber AND state = 'done'
          AND done_at < :cutoff
        ORDER BY event_id LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    DELETE FROM bus.inbox i USING old WHERE i.event_id = old.event_id AND i.subscriber = old.subscriber
    """
)
_EVENTS = text(
    """
    WITH old AS (
        SELECT e.id FROM bus.event e
        WHERE e.id < CAST(:first_kept AS uuid) AND NOT EXISTS (SELECT FROM bus.inbox i WHERE i.event_id = e.id)
        ORDER BY e.id LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    DELETE FROM bus.event e USING old WHERE e.id = old.id
    """
)
_OLDEST = text(
    """
    SELECT extract(epoch FROM CAST(:cutoff AS timestamptz) - done_at) FROM bus.inbox
    WHERE event_id < CAST(:first_kept AS uuid) AND subscriber = :subscriber AND state = 'done' AND done_at < :cutoff
    ORDER BY event_id LIMIT 1
    """
)


def purge(
    conn: Connection, subscriber: str, *, now: datetime, keep: timedelta = KEEP, batch: int = BATCH
) -> int:
    """Remove up to `batch` events that `subscriber` finished more than `keep` ago; returns how many.

    An event itself goes when none of its subscribers has a row of it any more.
    """
    parameters = {"batch": batch, **_limits(subscriber, now=now, keep=keep)}
    removed = conn.execute(_INBOX, parameters).rowcount
    conn.execute(_EVENTS, parameters)
    return removed


@dataclass(frozen=True)
class Purge:
    """The work of a job `<service>.purge` in that service's worker."""

    engine: Engine
    subscriber: str
    keep: timedelta = KEEP

    def oldest_due(self) -> float | None:
        """Seconds that the oldest finished event has been due to go, or None."""
        limits = _limits(self.subscriber, now=utc_now() - PAUSE, keep=self.keep)
        with self.engine.connect() as conn:
            age = conn.execute(_OLDEST, limits).scalar_one_or_none()
        return None if age is None else float(age)

    def run(self, should_stop: Callable[[], bool]) -> int:
        """Remove all that is due to go, in batches; returns how many."""
        total = 0
        while not should_stop():
            with self.engine.begin() as conn:
                removed = purge(conn, self.subscriber, now=utc_now(), keep=self.keep)
                reach("purge.before_commit")
            total += removed
            if removed < BATCH:
                break
        return total


def _limits(subscriber: str, *, now: datetime, keep: timedelta) -> dict[str, object]:
    cutoff = now - keep
    return {"subscriber": subscriber, "cutoff": cutoff, "first_kept": _first_id_of(cutoff)}


def _first_id_of(moment: datetime) -> str:
    """The smallest UUIDv7 of `moment`: ids tell when they were made, so their own index finds the old ones."""
    return str(uuid.UUID(int=int(moment.timestamp() * 1000) << 80))
