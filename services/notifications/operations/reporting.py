"""Delivery reports as they come in: kept at once, those that come together in one statement, settled by the worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from services.notifications.store import answers
from shared.failpoints import reach
from shared.gathering import Gatherer


@dataclass(frozen=True, slots=True)
class Report:
    """What the gateway says about an attempt, by its own code."""

    delivery_id: str
    code: int


Reports = Gatherer[Report, None]


def make_reports(engine: Engine, clock: Callable[[], datetime]) -> Reports:
    """`reports.do(report)` returns when the report is durable; the same one a second time changes nothing. Raises
    SQLAlchemy's errors when the database is away: whoever reports has to come again."""
    return Gatherer(_Keeper(engine, clock))


class _Keeper:
    """Keeps reports, for one caller at a time, on a connection of its own: there is a report for every message, and
    taking a connection from the pool, giving it back and planning cost more than the statement itself."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._conn: Connection | None = None

    def __call__(self, reports: Sequence[Report]) -> Sequence[None]:
        try:
            self._keep(reports)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._keep(reports)  # the server came back since the last time; keeping twice changes nothing
        reach("report.after_commit")
        return [None] * len(reports)

    def _keep(self, reports: Sequence[Report]) -> None:
        conn, self._conn = self._conn or self._connect(), None
        try:
            answers.keep_reports(conn, [(one.delivery_id, one.code) for one in reports], now=self._clock())
        except BaseException:
            conn.close()  # it is detached: nobody uses it again
            raise
        self._conn = conn

    def _connect(self) -> Connection:
        conn = self._engine.connect()
        conn.detach()
        answers.plan_once(conn)
        return conn
