"""When it is safe to call somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def safe_now(days: Sequence[str], hours: Sequence[str], timezone: str | None, *, now: datetime) -> bool:
    """Whether `now` lies in the safe days and hours (`HH:MM`, start and end) of the person's time zone. What the person
    did not limit is safe; what cannot be read is not."""
    try:
        local = now.astimezone(ZoneInfo(timezone or "America/Bogota"))
    except (ZoneInfoNotFoundError, ValueError):
        return False
    if days and DAYS[local.weekday()] not in days:
        return False
    if len(hours) != 2:
        return True
    clock = f"{local:%H:%M}"
    begins, ends = hours
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
