"""Ages: from a birth date to the band that may leave the intake service."""

from __future__ import annotations

from datetime import date

ADULT = 18
OLDEST = 120

BANDS = ((4, "0-4"), (11, "5-11"), (17, "12-17"), (59, "18-59"))
"""Highest age of each band (UNHCR's bands); above the last it is `60+`."""


def band(age: int | None) -> str:
    """`0-4`, `5-11`, `12-17`, `18-59`, `60+` or `unknown`. Nothing finer is ever published."""
    if age is None:
        return "unknown"
    return next((name for highest, name in BANDS if age <= highest), "60+")


def years_between(birth: date, day: date) -> int:
    """Completed years on `day`; negative when `birth` lies after it."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
