"""When a gateway leaves calls without a clear answer, calling on would leave one person after the other in doubt.

After a few calls without a clear answer in a row no further one is begun for a while; then a single one finds out
whether the gateway is back. The pause doubles until it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

IN_A_ROW: Final = 3
FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 60.0


class Breaker:
    """For the calls of one process to one gateway. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._in_doubt = 0
        self._pause = FIRST_SECONDS
        self._again_at = 0.0

    def begin(self) -> bool:
        """Whether one call may be begun now. After a pause only one caller is told so; the next after a longer one."""
        with self._lock:
            if self._in_doubt < IN_A_ROW:
                return True
            if self._clock() < self._again_at:
                return False
            self._pause = min(2 * self._pause, LONGEST_SECONDS)
            self._again_at = self._clock() + self._pause
            return True

    def end(self, *, in_doubt: bool) -> None:
        """A call has ended: with a clear answer, or not."""
        with self._lock:
            if not in_doubt:
                self._in_doubt, self._pause = 0, FIRST_SECONDS
                return
            self._in_doubt += 1
            if self._in_doubt == IN_A_ROW:
                self._again_at = self._clock() + self._pause
