"""Times as people say them: `hace 2 h (10:40)`, `quedan 5 h (15:40)`."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import format_datetime, gettext, to_user_timezone

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


def _clock_face(value: datetime, now: datetime) -> str:
    same_day = to_user_timezone(value).date() == to_user_timezone(now).date()
    return str(format_datetime(value, "HH:mm" if same_day else "d MMM HH:mm"))
