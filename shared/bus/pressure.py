"""Back-pressure: whoever lets work in stops when its readers are too far behind to keep their promises."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine

from shared.bus.state import Backlog, backlog
from shared.errors import Unavailable

LOOK_AGAIN_SECONDS = 1.0


class Overloaded(Unavailable):
    code = "overloaded"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "El sistema está al límite y no recibe más por ahora. Lo enviado antes está guardado. Intente más tarde.",
            retry_after=retry_after,
        )


class Pressure:
    """Looks at one subscriber's backlog, at most once a second however many ask. Thread-safe."""

    def __init__(
        self, engine: Engine, subscriber: str, *, limit: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._subscriber = subscriber
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._overloaded = False

    def admit(self) -> None:
        """Raises Overloaded (503 with Retry-After) while more than `limit` events wait to be acted on."""
        if self._clock() - self._looked_at >= LOOK_AGAIN_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._looked_at = self._clock()
                self._overloaded = self._look().due > self._limit
            finally:
                self._lock.release()
        if self._overloaded:
            raise Overloaded(retry_after=10)

    def _look(self) -> Backlog:
        with self._engine.connect() as conn:
            return backlog(conn, self._subscriber)
