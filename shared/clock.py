"""The one place that reads the clock. Called at the edges only; everything inside takes `now=`."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, in UTC with an offset."""
    return datetime.now(UTC)


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
