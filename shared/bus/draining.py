"""Empty a subscriber's inbox in batches, each batch one transaction.

Numbered steps of one batch:

1. claim up to `batch` due rows, emergencies first, of each subject only the earliest open one (so that facts of one
   subject act in order, and one that waits holds back its own subject alone);
2. hand them to the handlers, once per type, set-wise;
3. mark the rows done; 4. commit; 5. ring for what the handlers published.

A batch that fails is halved until the poisonous event stands alone; that one is put back with a growing pause and
jitter, and is `dead` after MAX_ATTEMPTS. A lost connection or a deadlock is nobody's poison: the drain stops and the
next doorbell or sweep goes on.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from structlog.contextvars import bound_contextvars

from shared import logs, tracing
from shared.bus.doorbell import Doorbell, drain_of
from shared.bus.publishing import TO_RING, Received
from shared.events.base import ENVELOPE_FIELDS, LAST, LAST_URGENT, Fact, data_fields
from shared.events.registry import BY_TYPE
from shared.failpoints import reach

Handler = Callable[[Connection, Sequence[Received]], None]

BATCH = 200
MAX_ATTEMPTS = 8
RETRY_SECONDS = (1, 5, 15, 60, 300, 900, 3600)
TRANSIENT_SQLSTATES = frozenset(
    "40001 40P01 55P03 57014 57P01 57P02 57P03 53000 53100 53200 53300 53400 58000 58030".split()
)
"""Locks and time-outs, a server that stops, a full disk, no memory or connections left, a disk that fails."""

log = logs.get(__name__)

CLAIM = text(
    "SELECT * FROM bus.claim(:subscriber, :batch, CAST(:only AS uuid[]), CAST(:last_priority AS smallint))"
)
MARK = text("SELECT bus.mark_done(:subscriber, CAST(:ids AS uuid[]))")
PUT_BACK = text(
    """
    UPDATE bus.inbox
    SET attempts = attempts + 1, error_class = :error_class,
        due_at = clock_timestamp() + make_interval(secs => :pause),
        state = CASE WHEN attempts + 1 >= :max_attempts THEN 'dead' ELSE 'due' END
    WHERE subscriber = :subscriber AND event_id = CAST(:id AS uuid) AND state = 'due'
    RETURNING attempts, state
    """
)
POSTPONE = text(
    """
    UPDATE bus.inbox SET due_at = clock_timestamp() + make_interval(secs => :pause)
    WHERE subscriber = :subscriber AND event_id = ANY(CAST(:ids AS uuid[])) AND state = 'due'
    """
)


class RetryLater(Exception):
    """A handler cannot act now through no fault of the event (a neighbour is away). Costs no attempt."""

    def __init__(self, seconds: float = 5.0) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass
class Drained:
    """What one drain did: events acted on (`urgent` of them P0 or P1), put back, declared dead."""

    done: int = 0
    urgent: int = 0
    put_back: int = 0
    dead: int = 0
    to_ring: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Inbox:
    """Whose inbox is drained, and with what. With `urgent` only P0 and P1 are claimed, so that they need not wait for
    the end of a batch that another drain of the same inbox is in the middle of."""

    engine: Engine
    subscriber: str
    handlers: Mapping[type[Fact], Handler]
    doorbell: Doorbell | None = None
    urgent: bool = False

    @property
    def job(self) -> str:
        """The job that drains it."""
        return drain_of(self.subscriber, urgent=self.urgent)

    @property
    def last_priority(self) -> int:
        """The lowest priority that is claimed."""
        return LAST_URGENT if self.urgent else LAST


def drain(
    inbox: Inbox,
    *,
    batch: int = BATCH,
    seconds: float = 20.0,
    should_stop: Callable[[], bool] = lambda: False,
    to_the_last: bool = True,
) -> Drained:
    """Act on what is due until nothing is, or `seconds` have passed, or `should_stop()`. Without `to_the_last` it also
    ends after a batch that was not full, for a caller who comes back a little later.

    Raises sqlalchemy.exc.OperationalError when the database is away; everything not committed stays due.
    """
    total = Drained()
    until = time.monotonic() + seconds
    least = 1 if to_the_last else batch
    while time.monotonic() < until and not should_stop():
        if _one_batch(inbox, total, batch=batch, only=None) < least:
            break
    return total


def _one_batch(inbox: Inbox, total: Drained, *, batch: int, only: list[str] | None) -> int:
    """One batch in one transaction. Returns how many events were claimed; 0 also when they were postponed."""
    ids: list[str] = []
    try:
        with inbox.engine.begin() as conn:
            conn.info[TO_RING] = set()
            rows = _claim(conn, inbox, batch=batch, only=only)
            if not rows:
                return 0
            # before any is read: one that cannot be has to be found too
            ids = [str(row["id"]) for row in rows]
            reach("drain.after_claim")
            _act(conn, inbox, [received(row) for row in rows])
            reach("drain.after_handlers")
            conn.execute(MARK, {"subscriber": inbox.subscriber, "ids": ids})
            to_ring: set[str] = conn.info.pop(TO_RING, set())
            reach("drain.before_commit")
    except RetryLater as later:
        _postpone(inbox, ids, later)
        return 0
    except Exception as error:  # one bad event must not stop its neighbours
        if is_transient(error):
            raise
        _halve(inbox, total, ids, error)
        return len(ids)
    reach("drain.after_commit")
    total.done += len(ids)
    total.urgent += sum(row["priority"] <= LAST_URGENT for row in rows)
    total.to_ring |= to_ring
    if inbox.doorbell is not None and to_ring:
        inbox.doorbell.ring_all(to_ring - {inbox.job})
    return len(ids)


def _claim(conn: Connection, inbox: Inbox, *, batch: int, only: list[str] | None) -> Sequence[RowMapping]:
    found = conn.execute(
        CLAIM,
        {
            "subscriber": inbox.subscriber,
            "batch": batch,
            "only": only,
            "last_priority": inbox.last_priority,
        },
    )
    return found.mappings().all()


def received(row: Any) -> Received:
    """The event that a row of `bus.event` (a mapping) holds. Fields that this release does not know are passed over.

    Raises KeyError for an event type that nobody declares, TypeError when a required field is missing.
    """
    kind = BY_TYPE[row["type"]]
    known = data_fields(kind)
    data = row["data"]
    envelope = {name: row[name] for name in ENVELOPE_FIELDS}
    fact = kind(**envelope, **{name: data[name] for name in known if name in data})
    return Received(
        id=str(row["id"]),
        type=row["type"],
        subject=row["subject"],
        seq=row["seq"],
        time=row["time"],
        priority=row["priority"],
        correlation_id=row["correlation_id"],
        fact=fact,
    )


def _act(conn: Connection, inbox: Inbox, events: Sequence[Received]) -> None:
    by_kind: dict[type[Fact], list[Received]] = defaultdict(list)
    for event in events:
        by_kind[type(event.fact)].append(event)
    for kind, group in by_kind.items():
        correlations = [event.correlation_id for event in group]
        with (
            bound_contextvars(correlation_id=correlations[0]),
            tracing.spans(f"{inbox.subscriber} acts on {kind.TYPE}", correlations),
        ):
            inbox.handlers[kind](conn, group)


def _halve(inbox: Inbox, total: Drained, ids: list[str], error: Exception) -> None:
    if len(ids) == 1:
        _put_back(inbox, total, ids[0], error)
        return
    middle = len(ids) // 2
    for half in (ids[:middle], ids[middle:]):
        _one_batch(inbox, total, batch=len(half), only=half)


def _put_back(inbox: Inbox, total: Drained, event_id: str, error: Exception) -> None:
    with inbox.engine.begin() as conn:
        attempts = conn.execute(
            text(
                "SELECT attempts FROM bus.inbox WHERE subscriber = :subscriber AND event_id = CAST(:id AS uuid)"
            ),
            {"subscriber": inbox.subscriber, "id": event_id},
        ).scalar_one()
        pause = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311
        row = conn.execute(
            PUT_BACK,
            {
                "subscriber": inbox.subscriber,
                "id": event_id,
                "error_class": type(error).__name__,
                "pause": pause,
                "max_attempts": MAX_ATTEMPTS,
            },
        ).one_or_none()
    dead = row is not None and row.state == "dead"
    total.dead += dead
    total.put_back += not dead
    log.error(
        "event is dead" if dead else "event put back",
        subscriber=inbox.subscriber,
        event_id=event_id,
        attempts=attempts + 1,
        exc_info=error,
    )


def _postpone(inbox: Inbox, ids: list[str], later: RetryLater) -> None:
    with inbox.engine.begin() as conn:
        conn.execute(POSTPONE, {"subscriber": inbox.subscriber, "ids": ids, "pause": later.seconds})
    log.warning("events postponed", subscriber=inbox.subscriber, count=len(ids), seconds=later.seconds)


def is_transient(error: BaseException) -> bool:
    """Whether an error is the database's passing state rather than an event's fault."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or state in TRANSIENT_SQLSTATES:
            return True
        return isinstance(error, OperationalError | InterfaceError) and state is None
    return False
