"""The one place that reads the clock. Called at the edges only; everything inside takes `now=`.

A worker follows the database's clock: what is due is decided by one clock, however many hosts there are and whatever
becomes of their own. Between two looks at it, time passes by a clock that nobody can set.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOME = "America/Bogota"
"""Where the clocks of pages and the days of coordinators are: the offset of all three countries, the year round."""

_followed: tuple[datetime, float] | None = None


def utc_now() -> datetime:
    """The current time, in UTC with an offset: the followed clock's, else this host's."""
    if _followed is None:
        return datetime.now(UTC)
    moment, then = _followed
    return moment + timedelta(seconds=time.monotonic() - then)


def follow(moment: datetime, then: float) -> None:
    """From now on the time is `moment` plus what has passed since `then` (`time.monotonic()`)."""
    global _followed  # noqa: PLW0603 - one clock per process, like the system's
    _followed = (moment.astimezone(UTC), then)


def rfc3339(moment: datetime) -> str:
    """`2026-11-22T15:04:05.123456+00:00`: RFC 3339 in UTC. Raises ValueError for a time without an offset."""
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset")
    return moment.astimezone(UTC).isoformat()


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time with an offset. Raises ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset")
    return moment


def local_day(moment: datetime) -> date:
    """The day it is at a moment where coordinators work: what holds until a day holds until it ends there."""
    return moment.astimezone(ZoneInfo(HOME)).date()
