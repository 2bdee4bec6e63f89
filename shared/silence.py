"""Tell a slow statement from a dead wire.

Something in between may take our bytes and give none back (a proxy that hangs, a firewall that forgot a connection).
From this end both look the same, and a statement may take half a minute. The server knows: when an answer is late it
is asked on another connection whether it works on ours.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Final, NoReturn

import psycopg

STATEMENT_TIMEOUT_MS: Final = 30_000
SILENCE_SECONDS = STATEMENT_TIMEOUT_MS / 1_000 + 5
"""Without an answer for so long a connection is given up whatever the server says, or when nobody can be asked: the
server itself ends a statement before."""
LATE_SECONDS = 2.5
"""An answer that takes longer is late: the server is asked."""
AGAIN_SECONDS = 1.0
"""An answer may be on its way, so the server is asked twice, and in between nothing may have come."""
FRESH_SECONDS = 0.5
"""However many statements are late, the server is asked once in this time."""
LOOK_SECONDS = 2
"""How long to look takes at most, for the connection and for the answer."""

WORKING = """
    SELECT pid, pg_backend_pid() AS own FROM pg_stat_activity
    WHERE usename = current_user AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'
"""


class Late(psycopg.Connection[Any]):
    """The connection on which the server is asked: nobody waits long for it."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As the base class, for LOOK_SECONDS."""
        return super().wait(gen, interval, LOOK_SECONDS if timeout is None else timeout)


class Witness:
    """Asks the server about the connections of one engine. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._arguments: tuple[list[Any], dict[str, Any]] = ([], {})
        self._looked_at = -FRESH_SECONDS
        self._working: frozenset[int] | None = None

    def reach_by(self, arguments: list[Any], options: dict[str, Any]) -> None:
        """How the connections that it is asked about are made."""
        self._arguments = arguments, options

    def working(self) -> frozenset[int] | None:
        """The numbers of the server's processes that work on a statement now; None when that cannot be told."""
        with self._lock:
            if self._clock() - self._looked_at >= FRESH_SECONDS:
                self._working = self._look()
                self._looked_at = self._clock()
            return self._working

    def end(self, pid: int) -> None:
        """Have the server end what it holds for a connection that it still believes in: its locks keep others out."""
        with contextlib.suppress(psycopg.Error), self._connect() as conn:
            conn.execute("SELECT pg_terminate_backend(%s)", (pid,))

    def _look(self) -> frozenset[int] | None:
        try:
            with self._connect() as conn:
                found = conn.execute(WORKING).fetchall()
                known = conn.info.backend_pid
        except psycopg.Error:
            return None
        # This statement is among them. Under another number, something in between shares the server's processes out.
        if not found or any(own != known for _, own in found):
            return None
        return frozenset(pid for pid, _ in found)

    def _connect(self) -> Late:
        arguments, options = self._arguments
        quick = {**options, "connect_timeout": LOOK_SECONDS, "autocommit": True}
        return Late.connect(*arguments, **quick)


class Impatient(psycopg.Connection[Any]):
    """A connection that is given up when the server does not work on what it was asked and yet no answer comes."""

    witness: Witness | None = None
    _heard: bool = False

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As the base class; raises OperationalError, with the connection closed, when no answer is to be expected."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        until = time.monotonic() + SILENCE_SECONDS
        asked, patience, doubtful = gen, LATE_SECONDS, False
        while True:
            began = time.monotonic()
            try:
                return super().wait(gen, interval, patience)
            except psycopg.OperationalError as error:
                if error.sqlstate or self.closed or time.monotonic() - began < patience:
                    raise
            if gen is asked:  # only now, so that an answer in time costs nothing more
                patience, gen = AGAIN_SECONDS, self._listening(gen)
            idle = not self._heard and self._is_idle()
            if idle and doubtful:
                self._give_up(
                    "the server works on nothing for this connection, and no answer came", idle=True
                )
            if time.monotonic() >= until:
                self._give_up("no answer from the server", idle=False)
            doubtful, self._heard = idle, False

    def _listening(self, gen: Any) -> Generator[Any, Any, Any]:
        """`gen`, with a note of whether anything came or went."""
        self._heard = False
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                self._heard = self._heard or bool(ready)
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _is_idle(self) -> bool:
        """Whether the server says that it does not work on anything for this connection."""
        working = None if self.witness is None else self.witness.working()
        return working is not None and self.pgconn.backend_pid not in working

    def _give_up(self, why: str, *, idle: bool) -> NoReturn:
        pid = self.pgconn.backend_pid
        self.pgconn.finish()
        if idle and self.witness is not None:
            self.witness.end(pid)
        raise psycopg.OperationalError(why)
