"""Times as people say them: `hace 2 h (10:40)`, `quedan 5 h (15:40)`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from babel.dates import get_timezone_location
from flask_babel import (
    format_date,
    format_datetime,
    get_locale,
    get_timezone,
    gettext,
    to_user_timezone,
    to_utc,
)

from shared.clock import utc_now

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def moment(value: datetime | None, now: datetime | None = None) -> str:
    """How long ago, with the clock or the date in brackets. Empty for None."""
    if value is None:
        return ""
    present = now or utc_now()
    if value > present + MINUTE:
        return clock(value, present)
    return str(
        gettext("hace %(span)s (%(time)s)", span=span(present - value), time=_clock_face(value, present))
    )


def clock(due: datetime | None, now: datetime | None = None) -> str:
    """How long is left until `due`, or since when it is late. Empty for None."""
    if due is None:
        return ""
    present = now or utc_now()
    face = _clock_face(due, present)
    if due < present:
        return str(gettext("venció hace %(span)s (%(time)s)", span=span(present - due), time=face))
    return str(gettext("quedan %(span)s (%(time)s)", span=span(due - present), time=face))


def day(value: date | None) -> str:
    """A day without a clock: `20 dic 2026`. Empty for None."""
    return "" if value is None else str(format_date(value, "d MMM y"))


def day_and_time(value: datetime | None) -> str:
    """A moment as a date and a clock, however far: `20 dic 2026, 00:00`. Empty for None."""
    return "" if value is None else str(format_datetime(value, "d MMM y, HH:mm"))


def is_overdue(due: datetime | None) -> bool:
    """Whether `due` has passed."""
    return due is not None and due < utc_now()


def span(length: timedelta) -> str:
    """`5 min`, `3 h`, `2 días`."""
    if length < MINUTE:
        return str(gettext("menos de 1 min"))
    if length < HOUR:
        return str(gettext("%(count)s min", count=length // MINUTE))
    if length < 2 * DAY:
        return str(gettext("%(count)s h", count=length // HOUR))
    return str(gettext("%(count)s días", count=length // DAY))


def today(now: datetime | None = None) -> date:
    """The day it is where the pages' clocks are."""
    return to_user_timezone(now or utc_now()).date()


def start_of(day: date) -> datetime:
    """The moment at which a day begins where the pages' clocks are."""
    return to_utc(datetime.combine(day, time())).replace(tzinfo=UTC)


def zone_name() -> str:
    """Whose clock the pages show: `hora de Bogotá, UTC-05:00`."""
    place = get_timezone_location(get_timezone(), get_locale(), return_city=True)
    offset = to_user_timezone(utc_now()).strftime("%z")
    return str(gettext("hora de %(place)s, UTC%(offset)s", place=place, offset=f"{offset[:3]}:{offset[3:]}"))


def _clock_face(value: datetime, now: datetime) -> str:
    same_day = to_user_timezone(value).date() == to_user_timezone(now).date()
    return str(format_datetime(value, "HH:mm" if same_day else "d MMM HH:mm"))
