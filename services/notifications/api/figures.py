"""What `/notifications/metrics` tells whoever is on call, beside what every service tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, Engine

from services.notifications.domain.delivery import End
from services.notifications.store import figures, reading
from shared.clock import utc_now
from shared.web import Gauge

RECENTLY = timedelta(minutes=15)
DOUBT = "message_unknown"
"""The reason of a call that is asked for because nobody knows whether a message arrived."""
Read = Iterable[tuple[Sequence[str], float]]


def gauges(engine: Engine, channel: str) -> tuple[Gauge, ...]:
    """Messages that wait, what `channel` made of the attempts of the last quarter of an hour, calls that people have to
    make. What can be zero is told as zero: an alert cannot tell "none" from "not looked"."""

    def waiting(conn: Connection) -> Read:
        return [((), float(reading.waiting(conn)))]

    def attempts(conn: Connection) -> Read:
        known = {(channel, end.value): 0 for end in End}
        return _labelled(known | figures.ends_since(conn, utc_now() - RECENTLY))

    def calls(conn: Connection, which: int) -> Read:
        counts = {DOUBT: (0, 0)} | figures.calls(conn, utc_now())
        return [((reason,), float(found[which])) for reason, found in counts.items()]

    return (
        Gauge(
            "ruta_notifications_waiting",
            "Notifications waiting to be sent or for their hour",
            (),
            _asked(engine, waiting),
        ),
        Gauge(
            "ruta_attempts_recent",
            "How the attempts of the last 15 minutes ended",
            ("channel", "ended"),
            _asked(engine, attempts),
        ),
        Gauge(
            "ruta_calls_open",
            "Calls that people have to make",
            ("reason",),
            _asked(engine, lambda conn: calls(conn, 0)),
        ),
        Gauge(
            "ruta_calls_overdue",
            "Those whose time is over",
            ("reason",),
            _asked(engine, lambda conn: calls(conn, 1)),
        ),
    )


def _asked(engine: Engine, read: Callable[[Connection], Read]) -> Callable[[], Read]:
    def look() -> Read:
        with engine.connect() as conn:
            return list(read(conn))

    return look


def _labelled(counts: dict[tuple[str, str], int]) -> Read:
    return [(labels, float(count)) for labels, count in counts.items()]
