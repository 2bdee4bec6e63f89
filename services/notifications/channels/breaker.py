"""When a gateway leaves calls without a clear answer, calling on would leave one person after the other in doubt.

After a few calls in a row without a clear answer, or without a connection, no further one is begun for a while; then a
single one finds out whether the gateway is back. While only connections fail, which leaves nobody in doubt, it is
tried every few seconds; otherwise the pause doubles up to a minute. Meanwhile the gateway is *looked at* every few
seconds, by something that sends nobody anything: as long as it does not answer, a message is tried at most once a
minute, and as soon as it answers again, one is tried at once.
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
LOOK_EVERY_SECONDS: Final = 3.0
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
        self._tried_at = 0.0
        self._look_at = 0.0
        self._was_mute = False

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
            if not self._doubtful:
                self._pause = FIRST_SECONDS
            elif not self._was_mute:
                self._pause = min(2 * self._pause, LONGEST_SECONDS)
            self._tried_at = self._clock()
            self._again_at = self._tried_at + (LONGEST_SECONDS if self._was_mute else self._pause)
            return True

    def end(self, outcome: Outcome) -> None:
        """A call has ended."""
        with self._lock:
            if outcome is Outcome.CLEAR:
                self._troubles, self._pause, self._was_mute = 0, FIRST_SECONDS, False
                return
            self._troubles += 1
            self._doubtful = outcome is Outcome.DOUBT
            if self._troubles == IN_A_ROW:
                self._tried_at = self._look_at = self._clock()
                self._again_at = self._tried_at + self._pause

    def is_to_look(self) -> bool:
        """Whether to look at the gateway now. Only one caller is told so; the next a few seconds later."""
        with self._lock:
            now = self._clock()
            if self._troubles < IN_A_ROW or not self._doubtful or now < self._look_at:
                return False
            self._look_at = now + LOOK_EVERY_SECONDS
            return True

    def looked(self, *, answers: bool) -> None:
        """What was seen. A gateway that had fallen mute and answers again is tried at once. One that answered all
        along, or only seemed to be back, has its pauses: it leaves messages without an answer all the same."""
        with self._lock:
            if not self._doubtful:
                return
            if not answers:
                self._was_mute = True
                self._again_at = max(self._again_at, self._tried_at + LONGEST_SECONDS)
            elif self._was_mute:
                self._was_mute = False
                self._again_at = self._tried_at + self._pause
