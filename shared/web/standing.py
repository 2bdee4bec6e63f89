"""What every service's `ready` and `metrics` tell of the bus: backlog, lag and dead letters of its inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import redis
from kombu import Connection
from sqlalchemy import Engine

from shared.bus.doorbell import AT_ONCE, REDIS_SCHEMES
from shared.bus.pressure import Outlet
from shared.bus.state import backlog
from shared.web.probes import Check, Gauge

MAX_LAG_SECONDS = 30.0
"""Beyond this a service still works but keeps its promises late: `ready` says `degraded`."""
MAX_OUTLET_LAG_SECONDS = 60.0
"""The same for what only the world outside can take."""


def bus_checks(engine: Engine, subscriber: str, broker_url: str) -> tuple[Check, ...]:
    """`broker` (doorbells ring) and `inbox` (no event has been due for longer than half a minute, none is dead).

    Without either the service works on, slower.
    """

    def broker() -> None:
        if not broker_url.startswith(REDIS_SCHEMES):
            with Connection(broker_url, connect_timeout=1) as connection:
                connection.ensure_connection(**AT_ONCE, timeout=1)
            return
        with redis.Redis.from_url(broker_url, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()

    def inbox() -> None:
        with engine.connect() as conn:
            state = backlog(conn, subscriber)
        if state.lag > MAX_LAG_SECONDS or state.dead:
            raise RuntimeError("the inbox is behind")

    return Check("inbox", inbox, required=False), Check("broker", broker, required=False)


def bus_gauges(engine: Engine, subscriber: str) -> tuple[Gauge, ...]:
    """`ruta_inbox_due`, `ruta_inbox_lag_seconds`, `ruta_inbox_dead` by subscriber."""

    def read(field: str) -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            yield (subscriber,), float(getattr(backlog(conn, subscriber), field))

    return (
        Gauge("ruta_inbox_due", "Events waiting to be acted on", ("subscriber",), lambda: read("due")),
        Gauge("ruta_inbox_lag_seconds", "Age of the oldest due event", ("subscriber",), lambda: read("lag")),
        Gauge("ruta_inbox_dead", "Events that nobody could act on", ("subscriber",), lambda: read("dead")),
    )


def outlet_check(read: Callable[[], Outlet]) -> Check:
    """`outlet`: nothing that could go out has waited for longer than a minute."""

    def probe() -> None:
        if read().lag > MAX_OUTLET_LAG_SECONDS:
            raise RuntimeError("what goes out is behind")

    return Check("outlet", probe, required=False)


def outlet_gauges(read: Callable[[], Outlet], service: str) -> tuple[Gauge, ...]:
    """`ruta_outlet_waiting` and `ruta_outlet_lag_seconds` by service."""

    def one(field: str) -> Iterable[tuple[Sequence[str], float]]:
        yield (service,), float(getattr(read(), field))

    return (
        Gauge(
            "ruta_outlet_waiting", "What could go out now and has not", ("service",), lambda: one("waiting")
        ),
        Gauge("ruta_outlet_lag_seconds", "Age of the oldest of them", ("service",), lambda: one("lag")),
    )
