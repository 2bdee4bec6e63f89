"""Domain values as rows of the tables, sealed where they identify a person. Rows travel as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain import sensitivity
from services.intake.domain.assessment import Assessment, Need, Person, SafeContact
from services.intake.store.sealing import PersonKey


@dataclass(frozen=True, slots=True)
class Incoming:
    """An assessment as it arrived: who sends it for which organization, and the fingerprints of what was sent, the
    first with the current key."""

    assessment: Assessment
    body_macs: tuple[bytes, ...]
    organization_id: str
    focal_point_id: str


def person_row(one: Incoming, key: PersonKey, now: datetime) -> dict[str, Any]:
    person = one.assessment.person
    return {
        "id": person.id,
        "organization_id": one.organization_id,
        "key_id": key.wrapped.key_id,
        "data_key": _hex(key.wrapped.data_key),
        "profile": _hex(key.seal(("person", person.id, "profile"), _profile(person))),
        "age_band": person.age_band,
        "gender": person.gender,
        "nationality": person.nationality,
        "population_type": person.population_type,
        "languages": person.languages,
        "documents": person.documents,
        "accessibility": person.accessibility,
        "withdrawals": 0,
        "created_at": now.isoformat(),
        "updated_at": now.isoformat(),
    }


def _profile(person: Person) -> dict[str, Any]:
    birth = person.birth_date.isoformat() if person.birth_date else None
    return {"name": person.name, "birth_date": birth, "age": person.age}


def assessment_row(one: Incoming, key: PersonKey, now: datetime) -> dict[str, Any]:
    made = one.assessment
    return {
        "id": made.id,
        "body_mac": _hex(one.body_macs[0]),
        "person_id": made.person.id,
        "organization_id": one.organization_id,
        "focal_point_id": one.focal_point_id,
        "country": made.place.country,
        "locality": made.place.locality,
        "place_detail": _hex(key.seal(("assessment", made.id, "place_detail"), made.place.detail)),
        "assessed_at": made.assessed_at.isoformat(),
        "received_at": now.isoformat(),
        "household_size": made.household_size,
        "children": made.children,
        "preferences": made.preferences,
        "criteria": _hex(key.seal(("assessment", made.id, "criteria"), list(made.criteria) or None)),
        "restricted_only": all(sensitivity.is_restricted(need.code) for need in made.needs),
    }


def consent_row(made: Assessment) -> dict[str, Any]:
    given = made.consent
    override = given.override
    return {
        "assessment_id": made.id,
        "share": given.share,
        "given_by": given.given_by,
        "assent": given.assent,
        "contact": given.contact,
        "statistics": given.statistics,
        "authorities": given.authorities,
        "withheld_from": given.withheld_from,
        "obtained_at": given.obtained_at.isoformat(),
        "override_basis": override.basis if override else None,
        "override_author": override.author if override else None,
        "override_approver": override.approver if override else None,
    }


def contact_row(made: Assessment, contact: SafeContact, key: PersonKey, now: datetime) -> dict[str, Any]:
    hours = contact.safe_hours or (None, None)
    return {
        "id": contact.id,
        "person_id": made.person.id,
        "assessment_id": made.id,
        "channel": contact.channel,
        "phone": _hex(key.seal(("safe_contact", contact.id, "phone"), contact.phone)),
        "neutral_name": _hex(key.seal(("safe_contact", contact.id, "neutral_name"), contact.neutral_name)),
        "owner": contact.owner,
        "safe_days": contact.safe_days,
        "safe_from": hours[0],
        "safe_until": hours[1],
        "timezone": contact.timezone,
        "language": contact.language,
        "sensitive_ok": contact.sensitive_ok,
        "recorded_at": now.isoformat(),
    }


def need_row(assessment_id: str, position: int, need: Need, key: PersonKey) -> dict[str, Any]:
    return {
        "id": need.id,
        "assessment_id": assessment_id,
        "position": position,
        "code": need.code,
        "restricted": sensitivity.is_restricted(need.code),
        "refer": need.refer,
        "facts": _hex(key.seal(("need", need.id, "facts"), need.facts or None)),
    }


def _hex(data: bytes | None) -> str | None:
    """How JSON carries bytes into a `bytea` column."""
    return None if data is None else "\\x" + data.hex()
