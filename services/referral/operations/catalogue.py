"""The directory in memory: one snapshot per process, brought up to date when its version moves."""

from __future__ import annotations

import threading
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.referral.domain.snapshot import Snapshot
from services.referral.store import services

COUNTED_FOR = timedelta(seconds=15)
"""How long the count of unanswered referrals is used before it is taken again."""
RATED_FOR = timedelta(minutes=15)
RECORD = timedelta(days=90)


class Catalogue:
    """Thread-safe. Reading costs one look at the directory's version; a change costs what changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Start from nothing, as a new process does."""
        self._snapshot = Snapshot()
        self._counted: datetime | None = None
        self._rated: datetime | None = None
        self._asked: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def pending(self) -> MutableMapping[str, int]:
        """Unanswered referrals per service: as counted last, plus what this process has asked since."""
        return ChainMap(self._asked, self._counts)

    def snapshot(self, conn: Connection, *, now: datetime) -> Snapshot:
        """The directory as `conn` sees it, with counts not older than COUNTED_FOR. What `conn` itself has changed and
        not committed is for `conn` alone: it may still be undone, and another change get its version."""
        state = services.state(conn)
        with self._lock:
            if state.version != self._snapshot.version and not state.own:
                self._snapshot = _brought_up(conn, self._snapshot)
            if self._counted is None or abs(now - self._counted) > COUNTED_FOR:
                self._counts = services.pending(conn)
                self._snapshot = replace(self._snapshot, pending=self._counts)
                self._asked = {}
                self._counted = now
            if self._rated is None or abs(now - self._rated) > RATED_FOR:
                rated = services.performance(conn, since=now - RECORD)
                self._snapshot = replace(self._snapshot, performance=rated)
                self._rated = now
            return _brought_up(conn, self._snapshot) if state.own else self._snapshot


def _brought_up(conn: Connection, old: Snapshot) -> Snapshot:
    """`old` with what has changed since; from nothing when the database is behind it, as after a restore."""
    version, changed = services.services_since(conn, old.version)
    if version < old.version:
        version, changed = services.services_since(conn, 0)
        old = Snapshot(pending=old.pending, performance=old.performance)
    return old.with_changes(changed, version=version)
