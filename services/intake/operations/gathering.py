"""Single assessments that arrive at the same time share one transaction.

Nobody waits for company: whoever comes while nobody is storing begins at once, alone. Those who come meanwhile gather,
and one of them then stores them all. So a quiet service answers as fast as one statement allows, and a busy one
stores in sets. Each is answered only after the commit that holds it; one that cannot be stored spoils no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.intake.operations.submitting import Accepted, submit
from services.intake.store.rows import Incoming
from services.intake.store.sealing import Vault

MOST = 100
"""Assessments in one transaction."""

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


@dataclass
class Ticket:
    """An assessment that waits to be stored. `ready` is set when it has its `answer`, or when it is to `lead`."""

    incoming: Incoming
    correlation_id: str | None
    ready: threading.Event = field(default_factory=threading.Event)
    lead: bool = False
    answer: Accepted | Exception | None = None


class Gatherer:
    """Stores assessments of one process. Thread-safe."""

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Connection]],
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self._begin = begin
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[Ticket] = []

    def submit(self, incoming: Incoming, *, correlation_id: str | None) -> Accepted:
        """Store one assessment and return when it is durable. Raises as `submitting.submit` answers."""
        ticket = Ticket(incoming, correlation_id)
        with self._lock:
            self._waiting.append(ticket)
            leads, self._busy = not self._busy, True
        if not leads:
            ticket.ready.wait()
            leads = ticket.lead
        if leads:
            self._store_and_hand_over()
        if not isinstance(ticket.answer, Accepted):
            raise ticket.answer or RuntimeError("an assessment was neither stored nor refused")
        return ticket.answer

    def _store_and_hand_over(self) -> None:
        """Store who waits; then let the next who came meanwhile go on, or rest."""
        batch = self._take()
        try:
            self._store(batch)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
            for ticket in batch:
                ticket.ready.set()
            if following is not None:
                following.lead = True
                following.ready.set()

    def _take(self) -> list[Ticket]:
        """Up to MOST tickets in order; one whose id is among them already stays for the next time."""
        with self._lock:
            taken: dict[str, Ticket] = {}
            for ticket in self._waiting:
                if len(taken) < MOST:
                    taken.setdefault(ticket.incoming.assessment.id, ticket)
            batch = list(taken.values())
            self._waiting = [ticket for ticket in self._waiting if taken.get(_id(ticket)) is not ticket]
        return batch

    def _store(self, batch: list[Ticket]) -> None:
        try:
            self._submit(batch)
        except DATABASE_AWAY as error:
            for ticket in batch:
                ticket.answer = error
        except Exception as error:
            if len(batch) == 1:
                batch[0].answer = error
                return
            for ticket in batch:
                self._store([ticket])

    def _submit(self, batch: list[Ticket]) -> None:
        correlations = {
            f"assessment/{_id(ticket)}": ticket.correlation_id for ticket in batch if ticket.correlation_id
        }
        with self._begin() as conn:
            answers = submit(
                conn,
                self._vault,
                [ticket.incoming for ticket in batch],
                now=self._clock(),
                correlations=correlations,
            )
        for ticket in batch:
            ticket.answer = answers[_id(ticket)]


def _id(ticket: Ticket) -> str:
    return ticket.incoming.assessment.id
