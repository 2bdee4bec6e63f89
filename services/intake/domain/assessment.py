"""An assessment as the intake service understands it: values only, checked before they are built."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.intake.domain import sensitivity
from services.intake.domain.age import band
from services.intake.domain.consent import Consent

URGENT_FACTS = ("danger_now", "medical_emergency", "suicide_plan", "severe_risk")
"""Facts that say by themselves that nobody should wait, whatever the rule tables decide later."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who needs help. `age` is in completed years on the day of the assessment, None when unknown."""

    id: str
    is_new: bool
    name: str | None
    birth_date: date | None
    age: int | None
    gender: str
    nationality: str | None
    population_type: str
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()

    @property
    def age_band(self) -> str:
        return band(self.age)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the assessment took place. `detail` may identify the person and is kept sealed."""

    country: str
    locality: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class SafeContact:
    """How, when and for whom a message is safe. Hours are local to `timezone`, `HH:MM`; phone in E.164."""

    id: str
    channel: str
    phone: str
    owner: str
    timezone: str
    language: str
    safe_days: tuple[str, ...] = ()
    safe_hours: tuple[str, str] | None = None
    sensitive_ok: bool = False
    neutral_name: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One need. `refer`: the person wants help with it from others."""

    id: str
    code: str
    refer: bool = True
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a focal point wrote down about one person on one day."""

    id: str
    assessed_at: datetime
    place: Place
    person: Person
    consent: Consent
    needs: tuple[Need, ...]
    safe_contact: SafeContact | None = None
    household_size: int | None = None
    children: tuple[int, ...] = ()
    preferences: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()

    def shared_needs(self) -> tuple[Need, ...]:
        """The needs that may leave this service: asked to be referred, and consented to or overridden."""
        return tuple(need for need in self.needs if need.refer) if self.consent.allows_sharing else ()

    def contact_allowed(self) -> bool:
        """Whether an automated message to the person may follow. Off for a restricted need unless the person set it
        on, and never for trafficking or the sexual abuse of a child."""
        contact = self.safe_contact
        if contact is None or not self.consent.contact:
            return False
        if any(sensitivity.never_messaged(need.code) for need in self.needs):
            return False
        return contact.sensitive_ok or not any(sensitivity.is_restricted(need.code) for need in self.needs)

    def priority_hint(self) -> int:
        """0 to 2: who is handed on first, until the rule tables have decided."""
        if any(need.facts.get(name) == "yes" for need in self.needs for name in URGENT_FACTS):
            return 0
        return 1 if any(sensitivity.is_restricted(need.code) for need in self.needs) else 2

    def children_bands(self) -> list[str]:
        """The ages of the children in the household as bands."""
        return [band(age) for age in self.children]
