"""May this message go to this person, now? Six gates, in this order; nothing is ever dropped in silence.

1. consent for contact  2. safe channel  3. safe hours, on the person's clock  4. sensitivity and age
5. rate limit           6. send

The answer is `Send`, `Hold` (until a time) or `Human` (a person takes over, with a coded reason). A wait never
hides a need for a human: `Hold` is answered only when no later gate asks for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notifications.domain import templates
from services.notifications.domain.slots import ALIASES

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_DAYS: Final = DAYS[:6]
DEFAULT_HOURS: Final = ("09:00", "18:00")
UNDER_18: Final = frozenset({"0-4", "5-11", "12-17"})
RESTRICTED: Final = "S3"
_WITHHELD: Final = {
    "no_safe_contact": "no_safe_contact",
    "opted_out": "opted_out",
    "sensitive": "sensitive",
    "never": "never_by_machine",
}
"""Why intake keeps a number to itself, in our words; whatever else it says counts as no consent."""


@dataclass(frozen=True)
class Contact:
    """How a person may be reached, as intake says at this moment. Kept in memory only."""

    person_id: str
    contact_allowed: bool
    channel: str | None
    phone: str | None
    owner: str | None = "self"
    safe_days: Sequence[str] = DEFAULT_DAYS
    safe_hours: Sequence[str] = DEFAULT_HOURS
    timezone: str = "America/Bogota"
    language: str = "es"
    sensitive_ok: bool = False
    neutral_name: str | None = None
    age_band: str = "unknown"
    reason: str | None = None


@dataclass(frozen=True)
class Message:
    """What is about to be said: which template, how sensitive its reason, and until when it makes sense."""

    template_id: str
    sensitivity: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """How many messages one person may get, per local day and in any seven days."""

    per_day: int = 1
    per_week: int = 3


@dataclass(frozen=True)
class Past:
    """What has already happened: messages per local day of the person, and why we fell silent, if we did."""

    sent: Mapping[date, int]
    stopped: str | None = None


@dataclass(frozen=True)
class Send:
    """Go, with this template (the sensitive one when the reason is restricted), on this local day."""

    template_id: str
    day: date


@dataclass(frozen=True)
class Hold:
    until: datetime
    reason: str


@dataclass(frozen=True)
class Human:
    reason: str


Decision = Send | Hold | Human


def decide(
    message: Message, contact: Contact | None, past: Past, *, limits: Limits, now: datetime
) -> Decision:
    """The decision of the gates for one message at `now`."""
    if contact is None:
        return Human("no_safe_contact")
    refused = _consent(contact, past) or _channel(contact) or _sensitivity(message, contact)
    if refused:
        return Human(refused)
    opening = _opening(contact, past, limits, now)
    if opening is None:
        return Human("no_safe_hours")
    if message.expires_at is not None and max(opening, now) >= message.expires_at:
        return Human("too_late")
    if opening > now:
        late = (
            past.sent.get(_local(now, contact).date(), 0) >= limits.per_day
            or _week(past, now, contact) >= limits.per_week
        )
        return Hold(opening, "rate_limit" if late else "safe_hours")
    template = templates.SENSITIVE_TEMPLATE if message.sensitivity == RESTRICTED else message.template_id
    return Send(template, _local(now, contact).date())


def _consent(contact: Contact, past: Past) -> str | None:
    if past.stopped:
        return past.stopped
    return None if contact.contact_allowed else _WITHHELD.get(contact.reason or "", "no_contact_consent")


def _channel(contact: Contact) -> str | None:
    if contact.channel != "sms":
        return "no_automatic_channel"
    if not contact.phone:
        return "no_phone"
    try:
        ZoneInfo(contact.timezone)
        for hour in contact.safe_hours:
            time.fromisoformat(hour)
    except (ZoneInfoNotFoundError, ValueError):
        return "contact_unreadable"
    return None


def _sensitivity(message: Message, contact: Contact) -> str | None:
    """Restricted needs go to a human unless the person chose otherwise; a child's phone is never written to."""
    young = contact.age_band in UNDER_18
    if message.sensitivity == RESTRICTED:
        if young:
            return "sensitive_under_18"
        if not contact.sensitive_ok:
            return "sensitive"
        if contact.owner != "self":
            return "sensitive_shared_phone"
        if contact.neutral_name and contact.neutral_name not in ALIASES:
            return "alias_not_listed"
    elif young and contact.owner != "third_person":
        return "under_18"
    return None


def _local(moment: datetime, contact: Contact) -> datetime:
    return moment.astimezone(ZoneInfo(contact.timezone))


def _week(past: Past, moment: datetime, contact: Contact, day: date | None = None) -> int:
    day = day or _local(moment, contact).date()
    return sum(count for sent, count in past.sent.items() if day - timedelta(days=7) < sent <= day)


def _opening(contact: Contact, past: Past, limits: Limits, now: datetime) -> datetime | None:
    """The first instant from `now` on that is inside safe hours and below both limits; None within two weeks."""
    today = _local(now, contact).date()
    for ahead in range(-1, 15):
        day = today + timedelta(days=ahead)
        opens, closes = _window(contact, day)
        start = max(opens, now)
        if DAYS[day.weekday()] not in (contact.safe_days or DEFAULT_DAYS) or start >= closes:
            continue
        counted = _local(start, contact).date()
        if (
            past.sent.get(counted, 0) < limits.per_day
            and _week(past, now, contact, counted) < limits.per_week
        ):
            return start
    return None


def _window(contact: Contact, day: date) -> tuple[datetime, datetime]:
    """The safe hours that begin on `day`. A window that closes before it opens ends on the next day."""
    zone = ZoneInfo(contact.timezone)
    first, last = (time.fromisoformat(hour) for hour in (contact.safe_hours or DEFAULT_HOURS))
    opens = datetime.combine(day, first, zone)
    closes = datetime.combine(day + timedelta(days=int(last < first)), last, zone)
    return opens, closes
