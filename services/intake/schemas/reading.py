"""From a document to an Assessment: the schema first, then the rules that look at several fields together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers

from services.intake.domain import consent as consents
from services.intake.domain.age import OLDEST, years_between
from services.intake.domain.assessment import Assessment, Need, Person, Place, SafeContact
from services.intake.domain.consent import Asked, Consent, Override
from services.intake.domain.consent_rules import Rule, Schedule
from services.intake.domain.findings import Findings
from services.intake.schemas.assessment import AssessmentSchema
from services.intake.schemas.documents import load
from services.intake.schemas.phones import to_e164
from shared import codes

CLOCK_SKEW = timedelta(minutes=5)
OLDEST_ASSESSMENT = timedelta(days=366 * 10)

_schema = AssessmentSchema()


@dataclass(frozen=True)
class Edge:
    """What only the edge knows: the time, where new ids come from, and which rules of consent count when."""

    now: datetime
    new_id: Callable[[], str]
    consent_rules: Schedule


def read_assessment(document: Any, edge: Edge, findings: Findings) -> Assessment | None:
    """The assessment in `document`, or None with everything that is wrong with it in `findings`."""
    data = load(_schema, document, findings)
    age = _check_person(data, edge.now, findings)
    _check_times(data, edge.now, findings)
    _check_place(data, findings)
    _check_household(data, findings)
    _check_needs(data, findings)
    phone = _check_contact(data, findings)
    if not findings.touches("body", "consent", "needs", "criteria", "person.age", "person.birth_date"):
        consent = _consent(data["consent"])
        consents.check(consent, _asked(data, age, _rule(data, age, consent, edge)), findings)
    return None if findings else _assessment(data, age, phone, edge)


def _check_times(data: dict[str, Any], now: datetime, findings: Findings) -> None:
    for path, moment in (
        ("assessed_at", data.get("assessed_at")),
        ("consent.obtained_at", _inside(data, "consent").get("obtained_at")),
    ):
        if moment is None:
            continue
        if moment > now + CLOCK_SKEW:
            findings.add(path, "time_in_future")
        elif moment < now - OLDEST_ASSESSMENT:
            findings.add(path, "time_too_old")


def _check_person(data: dict[str, Any], now: datetime, findings: Findings) -> int | None:
    """The person's age on the day of the assessment, from the birth date when there is one."""
    person = _inside(data, "person")
    birth: date | None = person.get("birth_date")
    stated: int | None = person.get("age")
    nationality = person.get("nationality")
    if nationality is not None and nationality not in _nationalities():
        findings.add("person.nationality", "unknown_code", value=nationality)
    if birth is None:
        return stated
    years = years_between(birth, (data.get("assessed_at") or now).date())
    if years < 0:
        findings.add("person.birth_date", "birth_in_future")
    elif years > OLDEST:
        findings.add("person.birth_date", "age_too_high", limit=OLDEST)
    elif stated is not None and abs(stated - years) > 1:
        findings.add("person.age", "age_differs", years=years)
    return years


def _check_place(data: dict[str, Any], findings: Findings) -> None:
    place = _inside(data, "place")
    country, locality = place.get("country"), place.get("locality")
    if country and locality and codes.load("localities")[locality].fact("country") != country:
        findings.add("place.locality", "other_country", locality=locality, country=country)


def _check_household(data: dict[str, Any], findings: Findings) -> None:
    household = _inside(data, "household")
    size, children = household.get("size"), household.get("children") or []
    if size is not None and len(children) > size:
        findings.add("household.children", "too_many_children", children=len(children), size=size)


def _check_needs(data: dict[str, Any], findings: Findings) -> None:
    needs = data.get("needs")
    if needs is None:
        return
    if not needs and not findings.touches("needs"):
        findings.add("needs", "needs_missing")
    seen: set[str] = set()
    for index, need in enumerate(needs):
        for name in ("id", "code"):
            value = need.get(name) if isinstance(need, dict) else None
            if value is not None and value in seen:
                findings.add(f"needs.{index}.{name}", "repeated", value=value)
            elif value is not None:
                seen.add(value)


def _check_contact(data: dict[str, Any], findings: Findings) -> str | None:
    """The phone in E.164, or None. A number without a country code belongs to the country of the assessment."""
    contact = _inside(data, "safe_contact")
    hours = contact.get("safe_hours")
    if hours is not None and (len(hours) != 2 or hours[0] >= hours[1]):
        findings.add("safe_contact.safe_hours", "contact_hours_order")
    zone = contact.get("timezone")
    if zone is not None and zone not in _timezones():
        findings.add("safe_contact.timezone", "unknown_timezone", value=zone)
    written = contact.get("phone")
    if written is None:
        return None
    phone = to_e164(written, _inside(data, "place").get("country"))
    if phone is None:
        findings.add("safe_contact.phone", "phone_invalid")
    return phone


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _nationalities() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes, and `XX` for nobody's national."""
    return frozenset({*phonenumbers.SUPPORTED_REGIONS, "XX"})


def _inside(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _consent(data: dict[str, Any]) -> Consent:
    override = data["override"]
    return Consent(
        share=data["share"] == "granted",
        given_by=data["given_by"],
        obtained_at=data["obtained_at"],
        assent=data["assent"],
        contact=data["contact"] == "granted",
        statistics=data["statistics"] == "granted",
        authorities=data["authorities"] == "granted",
        withheld_from=tuple(data["withheld_from"]),
        override=Override(**override) if override else None,
    )


def _rule(data: dict[str, Any], age: int | None, consent: Consent, edge: Edge) -> Rule:
    """What was asked on the day of the consent: sent again later, it is answered the same."""
    country = _inside(data, "place").get("country")
    return edge.consent_rules.rule(country=country, age=age, at=consent.obtained_at)


def _asked(data: dict[str, Any], age: int | None, rule: Rule) -> Asked:
    contact = _inside(data, "safe_contact")
    return Asked(
        age=age,
        rule=rule,
        criteria=data["criteria"],
        needs=[(need["code"], need["refer"]) for need in data["needs"]],
        phone_owner=contact.get("owner", "self") if contact else None,
        sensitive_ok=contact.get("sensitive_ok", False),
    )


def _assessment(data: dict[str, Any], age: int | None, phone: str | None, edge: Edge) -> Assessment:
    household = _inside(data, "household")
    return Assessment(
        id=data["id"],
        assessed_at=data["assessed_at"],
        place=Place(**data["place"]),
        person=_person(data["person"], age, edge),
        consent=_consent(data["consent"]),
        needs=tuple(_need(need, edge) for need in data["needs"]),
        safe_contact=_safe_contact(data, phone, edge),
        household_size=household.get("size"),
        children=tuple(household.get("children") or ()),
        preferences=tuple(data["preferences"]),
        criteria=tuple(data["criteria"]),
    )


def _person(data: dict[str, Any], age: int | None, edge: Edge) -> Person:
    known = data.get("id")
    return Person(
        id=known or edge.new_id(),
        is_new=known is None,
        name=data["name"],
        birth_date=data["birth_date"],
        age=age,
        gender=data["gender"],
        nationality=data["nationality"],
        population_type=data["population_type"],
        languages=tuple(data["languages"]),
        documents=tuple(data["documents"]),
        accessibility=tuple(data["accessibility"]),
    )


def _need(data: dict[str, Any], edge: Edge) -> Need:
    return Need(data.get("id") or edge.new_id(), data["code"], data["refer"], data["facts"])


def _safe_contact(data: dict[str, Any], phone: str | None, edge: Edge) -> SafeContact | None:
    contact = data["safe_contact"]
    if contact is None or phone is None:
        return None
    hours = contact["safe_hours"]
    return SafeContact(
        id=edge.new_id(),
        channel=contact["channel"],
        phone=phone,
        owner=contact["owner"],
        timezone=contact["timezone"] or codes.load("countries")[data["place"]["country"]].fact("timezone"),
        language=contact["language"],
        safe_days=tuple(contact["safe_days"]),
        safe_hours=(hours[0], hours[1]) if hours else None,
        sensitive_ok=contact["sensitive_ok"],
        neutral_name=contact["neutral_name"],
    )
