"""The rules of consent: kept as the referral service tells them, and known to every process that asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from services.intake.domain.consent_rules import Schedule
from services.intake.store import consent_policy as store
from shared import logs
from shared.events.referral import ConsentPolicyScheduled

log = logs.get(__name__)

PATHWAY = "community"
EVERY = 2.0
"""Seconds after which a process asks again whether other rules were told: nobody's assessment waits for a question of
its own."""


def keep(conn: Connection, facts: Sequence[tuple[datetime, ConsentPolicyScheduled]]) -> None:
    """Keep which rules count when."""
    for told_at, fact in facts:
        store.keep(conn, fact.pathway, fact.seq, fact.periods, told_at=told_at)


def read(conn: Connection) -> Schedule:
    """Which rules count when, as far as it was told."""
    found = store.newer(conn, PATHWAY, 0)
    return Schedule() if found is None else Schedule.of(found.periods)


class ConsentRules:
    """What one process knows of the rules. Thread-safe: one thread asks again, the others go on with what is known."""

    def __init__(self, engine: Engine, *, passed: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._passed = passed
        self._asking = threading.Lock()
        self._known: Schedule | None = None
        self._seq = 0
        self._next = 0.0

    def schedule(self) -> Schedule:
        """Which rules count when. Raises while the database is away and was never asked."""
        known = self._known
        if known is None:
            with self._asking:
                return self._known or self._ask()
        if self._passed() < self._next or not self._asking.acquire(blocking=False):
            return known
        try:
            return self._ask()
        except SQLAlchemyError as error:
            log.warning("rules of consent not asked for", error_class=type(error).__name__)
            return known
        finally:
            self._asking.release()

    def _ask(self) -> Schedule:
        self._next = self._passed() + EVERY
        with self._engine.connect() as conn:
            found = store.newer(conn, PATHWAY, self._seq)
        if found is not None:
            self._known, self._seq = Schedule.of(found.periods), found.seq
        elif self._known is None:
            self._known = Schedule()
        return self._known
