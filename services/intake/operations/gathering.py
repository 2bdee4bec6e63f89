"""Single assessments that arrive at the same time share one transaction: see `shared.gathering`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.intake.operations.submitting import Accepted, submit
from services.intake.store.rows import Incoming
from services.intake.store.sealing import Vault
from shared.gathering import Gatherer


@dataclass(frozen=True, slots=True)
class Wanted:
    """An assessment to be stored, and the correlation id of the request that brought it."""

    incoming: Incoming
    correlation_id: str | None


class Submissions:
    """Stores the single assessments of one process. Thread-safe."""

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Connection]],
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self._begin = begin
        self._vault = vault
        self._clock = clock
        self._gatherer: Gatherer[Wanted, Accepted] = Gatherer(self._store, key=_id)

    def submit(self, incoming: Incoming, *, correlation_id: str | None) -> Accepted:
        """Store one assessment and return when it is durable. Raises as `submitting.submit` answers."""
        return self._gatherer.do(Wanted(incoming, correlation_id))

    def _store(self, several: Sequence[Wanted]) -> list[Accepted | Exception]:
        """In one transaction; two with the same id are never among them."""
        correlations = {f"assessment/{_id(one)}": one.correlation_id for one in several if one.correlation_id}
        with self._begin() as conn:
            answers = submit(
                conn,
                self._vault,
                [one.incoming for one in several],
                now=self._clock(),
                correlations=correlations,
            )
        return [answers[_id(one)] for one in several]


def _id(wanted: Wanted) -> str:
    return wanted.incoming.assessment.id
