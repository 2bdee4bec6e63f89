"""When a gateway leaves calls without a clear answer, calling on would leave one person after the other in doubt.

After a few calls in a row without a clear answer, or without a connection, no further one is begun for a while; then a
single one finds out whether the gateway is back. While only connections fail, which leaves nobody in doubt, it is
tried every few seconds; otherwise the pause doubles up to a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

IN_A_ROW: Final = 3
FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 60.0
PLENTY: Final = 1_000_000


class Outcome(Enum):
    """How a call ended."""

    CLEAR = auto()  # an answer, whatever it said
    AWAY = auto()  # no connection: certainly not taken
    DOUBT = auto()  # no answer: perhaps taken


class Breaker:
    """For the calls of one process to one gateway. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles = 0
        self._pause = FIRST_SECONDS
        self._again_at = 0.0
        self._doubtful = False

    def room(self) -> int:
        """How many calls might be begun now: PLENTY, one after a pause, none during it."""
        with self._lock:
            if self._troubles < IN_A_ROW:
                return PLENTY
            return 1 if self._clock() >= self._again_at else 0

    def begin(self) -> bool:
        """Whether one call may be begun now. After a pause only one caller is told so; the next after another pause."""
        with self._lock:
            if self._troubles < IN_A_ROW:
                return True
            if self._clock() < self._again_at:
                return False
            self._pause = min(2 * self._pause, LONGEST_SECONDS) if self._doubtful else FIRST_SECONDS
            self._again_at = self._clock() + self._pause
            return True

    def end(self, outcome: Outcome) -> None:
        """A call has ended."""
        with self._lock:
            if outcome is Outcome.CLEAR:
                self._troubles, self._pause = 0, FIRST_SECONDS
                return
            self._troubles += 1
            self._doubtful = outcome is Outcome.DOUBT
            if self._troubles == IN_A_ROW:
                self._again_at = self._clock() + self._pause
