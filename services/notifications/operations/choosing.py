"""Sort a batch by the gates: what may go out now (with its final text), what waits, what a human has to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row

from services.notifications.clients.contacts import StaffContact
from services.notifications.domain import gates, guard, slots, templates
from services.notifications.domain.gates import Contact, Hold, Human, Limits, Past
from services.notifications.domain.notification import Audience
from services.notifications.store.limits import Known
from shared.clock import parse_time
from shared.ids import new_id


@dataclass(frozen=True)
class Ready:
    """Passed every gate and the guard. `day` and `place` count against the person's limits; staff have none."""

    row: Row[Any]
    delivery_id: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    template_id: str
    language: str
    values: Mapping[str, str]
    day: date | None = None
    place: int = 0


@dataclass(frozen=True)
class Waiting:
    row: Row[Any]
    until: datetime
    reason: str


@dataclass(frozen=True)
class Refused:
    row: Row[Any]
    reason: str


Choice = Ready | Waiting | Refused


@dataclass(frozen=True)
class Contacts:
    """How everybody in the batch may be reached, as the other services said a moment ago."""

    persons: Mapping[str, Contact]
    staff: Mapping[str, StaffContact]


def choose(
    rows: Sequence[Row[Any]], contacts: Contacts, known: Known, *, limits: Limits, now: datetime
) -> list[Choice]:
    """One choice per row, in order. `known` is kept true: a second message to a person sees the first."""
    return [
        _to_person(row, contacts.persons.get(row.person_id), known, (limits, now))
        if row.audience == Audience.PERSON
        else _to_staff(row, contacts.staff.get(row.organization_id))
        for row in rows
    ]


def _to_person(
    row: Row[Any], contact: Contact | None, known: Known, rules: tuple[Limits, datetime]
) -> Choice:
    limits, now = rules
    sensitivity = gates.RESTRICTED if row.person_id in known.restricted else row.sensitivity
    message = gates.Message(row.template_id, sensitivity, row.expires_at)
    past = known.past.get(row.person_id, Past({}))
    decision = gates.decide(message, contact, past, limits=limits, now=now)
    if isinstance(decision, Hold):
        return Waiting(row, decision.until, decision.reason)
    if isinstance(decision, Human) or contact is None or contact.phone is None:
        return Refused(row, decision.reason if isinstance(decision, Human) else "no_safe_contact")
    values = _values(row, contact.timezone) | {"alias": contact.neutral_name or slots.DEFAULT_ALIAS}
    passed = _render(row, decision.template_id, values, (contact.phone, contact.language))
    if isinstance(passed, Ready):
        return replace(passed, day=decision.day, place=known.count(row.person_id, decision.day))
    return passed


def _to_staff(row: Row[Any], contact: StaffContact | None) -> Choice:
    if contact is None or not contact.phone:
        return Refused(row, "no_staff_phone")
    return _render(row, row.template_id, _values(row, contact.timezone), (contact.phone, contact.language))


def _values(row: Row[Any], timezone: str) -> dict[str, str]:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return {}  # no date, so the template refuses to be filled
    moment = parse_time(row.variables["moment"])
    return {**slots.moment(moment, timezone), "reference": row.variables["reference"]}


def _render(
    row: Row[Any], template_id: str, values: Mapping[str, str], where: tuple[str, str]
) -> Ready | Refused:
    phone, language = where
    try:
        text = templates.render(template_id, language, values)
    except guard.UnsafeTextError as error:
        return Refused(row, error.findings[0].value)
    except slots.SlotError:
        return Refused(row, "slot_refused")
    template = templates.get(template_id, language)
    used = {slot: values[slot] for slot in template.slots}
    return Ready(row, new_id(), phone, text, template_id, template.language, used)
