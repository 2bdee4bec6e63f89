"""Work of one kind that comes at the same moment is done together.

Nobody waits for company: whoever comes while nobody is at work begins at once, alone. Those who come meanwhile gather,
and one of them then does it for all. So a quiet service answers as fast as one statement allows, and a busy one works
in sets. Each is answered only when the transaction that holds its piece has ended; one that fails spoils no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")

MOST = 100
"""Pieces in one transaction, unless told otherwise."""

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class _Ticket(Generic[Piece, Answer]):
    """A piece that waits to be done. `ready` opens when it has its `answer`, or when it is to `lead`."""

    __slots__ = ("answer", "lead", "piece", "ready")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.ready = threading.Lock()
        self.ready.acquire()
        self.lead = False
        self.answer: Answer | Exception = RuntimeError("a piece was neither done nor refused")


class Gatherer(Generic[Piece, Answer]):
    """Does the pieces of one process. Thread-safe.

    `act` does some pieces in one transaction, which has ended when it returns, and answers each in their order; an
    answer that is an exception is raised where its piece came from. When it raises, nothing was done: the database
    being away is told to all, anything else lets each try alone. Two pieces with the same `key` are never done in one.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Piece]], Sequence[Answer | Exception]],
        *,
        key: Callable[[Piece], Hashable] = id,
        most: int = MOST,
    ) -> None:
        self._act = act
        self._key = key
        self._most = most
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[_Ticket[Piece, Answer]] = []

    def do(self, piece: Piece) -> Answer:
        """Return the answer for `piece` when it is done. Raises what `act` raised or answered for it."""
        ticket: _Ticket[Piece, Answer] = _Ticket(piece)
        with self._lock:
            self._waiting.append(ticket)
            leads, self._busy = not self._busy, True
        if not leads:
            ticket.ready.acquire()
            leads = ticket.lead
        if leads:
            self._act_and_hand_over()
        if isinstance(ticket.answer, Exception):
            raise ticket.answer
        return ticket.answer

    def _act_and_hand_over(self) -> None:
        """Do what waits; then let the next who came meanwhile go on, or rest."""
        batch = self._take()
        try:
            self._try(batch)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
            for ticket in batch:
                ticket.ready.release()
            if following is not None:
                following.lead = True
                following.ready.release()

    def _take(self) -> list[_Ticket[Piece, Answer]]:
        """Up to `most` tickets in order; one whose key is among them already stays for the next time."""
        with self._lock:
            taken: dict[Hashable, _Ticket[Piece, Answer]] = {}
            left = []
            for ticket in self._waiting:
                if (
                    len(taken) >= self._most
                    or taken.setdefault(self._key(ticket.piece), ticket) is not ticket
                ):
                    left.append(ticket)
            self._waiting = left
            return list(taken.values())

    def _try(self, batch: Sequence[_Ticket[Piece, Answer]]) -> None:
        try:
            answers = self._act([ticket.piece for ticket in batch])
            for ticket, answer in zip(batch, answers, strict=True):
                ticket.answer = answer
        except DATABASE_AWAY as error:
            for ticket in batch:
                ticket.answer = error
        except Exception as error:
            if len(batch) == 1:
                batch[0].answer = error
                return
            for ticket in batch:
                self._try([ticket])
