"""Back-pressure: whoever lets work in stops when what it leads to cannot be done in time.

Two things can pile up behind intake: events that a service has not acted on (its inbox), and what a service holds that
only the world outside can take (its outlet: messages for a gateway that is away). Services share no tables but the
bus, so each one writes down there how much waits in its outlet.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from shared.bus.state import COUNT_CAP, backlog
from shared.errors import Unavailable

LOOK_AGAIN_SECONDS = 1.0
RESERVE = 2
"""Emergencies are let in up to so many times the limit: they go first everywhere, so what waits does not delay them."""
MOST = COUNT_CAP // RESERVE
"""What waits is counted up to COUNT_CAP: a limit beyond this would never be reached."""

_TELL = text(
    """
    INSERT INTO bus.outlet (service, waiting, lag_seconds, told_at)
    VALUES (:service, :waiting, :lag, clock_timestamp())
    ON CONFLICT (service) DO UPDATE
    SET waiting = excluded.waiting, lag_seconds = excluded.lag_seconds, told_at = excluded.told_at
    WHERE outlet.waiting + excluded.waiting > 0
    """
)
_WAITING = text("SELECT waiting FROM bus.outlet WHERE service = :service")


def parse_limit(text: str) -> int:
    """A limit of what may wait, 1 to MOST. Raises ValueError for anything else."""
    limit = int(text)
    if not 1 <= limit <= MOST:
        raise ValueError(f"a limit is 1 to {MOST}")
    return limit


class Overloaded(Unavailable):
    code = "overloaded"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "El sistema está al límite y no recibe más por ahora. Lo enviado antes está guardado. Intente más tarde.",
            retry_after=retry_after,
        )


@dataclass(frozen=True)
class Outlet:
    """What waits for the world outside: how many pieces could go now, and how long the oldest has (seconds)."""

    waiting: int
    lag: float


def tell_outlet(conn: Connection, service: str, outlet: Outlet) -> None:
    """Write down what waits in the outlet of `service`, for whoever lets work in. What is told stays until the next
    time: a service that has died leaves its inbox unread, which presses as well."""
    conn.execute(_TELL, {"service": service, "waiting": outlet.waiting, "lag": max(outlet.lag, 0.0)})


class Pressure:
    """Looks at how much waits, at most once a second however many ask. Thread-safe. `of` says what waits, and for which
    service."""

    def __init__(
        self,
        look: Callable[[], int],
        *,
        limit: int,
        of: tuple[str, str] = ("", ""),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.of = of
        self._look = look
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._waiting = 0

    @classmethod
    def of_inbox(cls, engine: Engine, subscriber: str, *, limit: int) -> Pressure:
        """Of the events that wait for `subscriber`."""

        def look() -> int:
            with engine.connect() as conn:
                return backlog(conn, subscriber).due

        return cls(look, limit=limit, of=("inbox", subscriber))

    @classmethod
    def of_outlet(cls, engine: Engine, service: str, *, limit: int) -> Pressure:
        """Of what `service` holds for the world outside."""

        def look() -> int:
            with engine.connect() as conn:
                return int(conn.execute(_WAITING, {"service": service}).scalar_one_or_none() or 0)

        return cls(look, limit=limit, of=("outlet", service))

    def admit(self, *, urgent: bool = False) -> None:
        """Raises Overloaded (503 with Retry-After) while more than the limit waits; for an urgent case while more than
        RESERVE times the limit waits."""
        if self._now_waiting() > self._limit * (RESERVE if urgent else 1):
            raise Overloaded(retry_after=10)

    def filled(self) -> float:
        """What waits, as a part of the limit; above 1 only emergencies are let in."""
        return self._now_waiting() / self._limit

    def _now_waiting(self) -> int:
        if self._clock() - self._looked_at >= LOOK_AGAIN_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._looked_at = self._clock()
                self._waiting = self._look()
            finally:
                self._lock.release()
        return self._waiting
