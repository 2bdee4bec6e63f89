"""Take assessments in: one or two hundred, by the same steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.domain import sensitivity
from services.intake.domain.assessment import Assessment
from services.intake.domain.findings import Findings
from services.intake.domain.sentences import N_
from services.intake.schemas.reading import Edge, read_assessment
from services.intake.store import assessments as store
from services.intake.store.rows import Incoming
from services.intake.store.sealing import Vault
from shared import bus
from shared.clock import rfc3339
from shared.errors import Conflict, Invalid
from shared.events.intake import AssessmentSubmitted

SUBMITTED = "submitted"
"""At least one need goes on to the referral service."""
RECORDED = "recorded"
"""Kept, nothing shared."""


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose behalf assessments come in."""

    organization_id: str
    focal_point_id: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """An assessment that is stored. `is_new` is False when it came before with the same content."""

    id: str
    status: str
    needs: tuple[tuple[str, str], ...]
    is_new: bool


class IdTaken(Conflict):
    code = "id_taken"

    def __init__(self) -> None:
        super().__init__(N_("Ya existe una atención con este identificador y otros datos."))


class NeedIdTaken(Conflict):
    code = "need_id_taken"

    def __init__(self) -> None:
        super().__init__(N_("Una de estas necesidades ya está registrada en otra atención."))


def prepare(document: Any, sender: Sender, edge: Edge, vault: Vault) -> Incoming:
    """`document` checked and ready to be submitted. Raises Invalid with everything that is wrong, field by field."""
    findings = Findings()
    assessment = read_assessment(document, edge, findings)
    if assessment is None:
        raise Invalid("Hay datos por corregir.", fields=findings.fields)
    return Incoming(assessment, vault.body_macs(document), sender.organization_id, sender.focal_point_id)


def submit(
    conn: Connection,
    vault: Vault,
    incoming: Sequence[Incoming],
    *,
    now: datetime,
    correlations: Mapping[str, str] | None = None,
) -> dict[str, Accepted | Invalid | Conflict]:
    """Store what is new and tell the referral service, in this one transaction; answer for every id.

    `correlations` as for `bus.publish`. Repeating is safe: the same id with the same content is answered as before.
    Raises NeedIdTaken when a need's id is in use elsewhere; then nothing may be committed. The ids must differ among
    themselves.
    """
    answers: dict[str, Accepted | Invalid | Conflict] = {}
    to_save = _without_known_repeats(conn, incoming, answers)
    facts = [_fact(one) for one in to_save if one.assessment.shared_needs()]
    told = bus.to_publish(conn, facts, now=now, correlations=correlations)
    saved = store.save(conn, vault, to_save, now=now, facts=told)
    new = [one for one in to_save if one.assessment.id in saved.ids]
    if saved.needs != sum(len(one.assessment.needs) for one in new):
        raise NeedIdTaken
    answers |= {one.assessment.id: _accepted(one.assessment) for one in new}
    _answer_repeats(conn, [one for one in to_save if one.assessment.id not in saved.ids], answers)
    return answers


def _without_known_repeats(
    conn: Connection, incoming: Sequence[Incoming], answers: dict[str, Accepted | Invalid | Conflict]
) -> list[Incoming]:
    """Where the sender named the person, a repeat must not touch what is known of that person by now, and the person
    must be one of the sender's organization."""
    named = [one for one in incoming if not one.assessment.person.is_new]
    if not named:
        return list(incoming)
    foreign = store.foreign_persons(conn, {one.assessment.person.id: one.organization_id for one in named})
    for one in named:
        if one.assessment.person.id in foreign:
            findings = Findings()
            findings.add("person.id", "other_person")
            answers[one.assessment.id] = Invalid("Hay datos por corregir.", fields=findings.fields)
    _answer_repeats(conn, [one for one in named if one.assessment.id not in answers], answers)
    return [one for one in incoming if one.assessment.id not in answers]


def _answer_repeats(
    conn: Connection, repeats: Sequence[Incoming], answers: dict[str, Accepted | Invalid | Conflict]
) -> None:
    if not repeats:
        return
    existing = store.find_existing(conn, [one.assessment.id for one in repeats])
    for one in repeats:
        stored = existing.get(one.assessment.id)
        if stored is None:
            continue
        if stored.organization_id == one.organization_id and stored.body_mac in one.body_macs:
            answers[one.assessment.id] = Accepted(
                one.assessment.id, _status(one.assessment), stored.needs, is_new=False
            )
        else:
            answers[one.assessment.id] = IdTaken()


def _accepted(made: Assessment) -> Accepted:
    needs = tuple((need.id, need.code) for need in made.needs)
    return Accepted(made.id, _status(made), needs, is_new=True)


def _status(made: Assessment) -> str:
    return SUBMITTED if made.shared_needs() else RECORDED


def _fact(one: Incoming) -> AssessmentSubmitted:
    made = one.assessment
    person, consent = made.person, made.consent
    shared = made.shared_needs()
    return AssessmentSubmitted(
        seq=1,
        sensitivity=sensitivity.RESTRICTED,
        priority=made.priority_hint(),
        assessment_id=made.id,
        person_id=person.id,
        organization_id=one.organization_id,
        focal_point_id=one.focal_point_id,
        country=made.place.country,
        locality=made.place.locality,
        age_band=person.age_band,
        gender=person.gender,
        population_type=person.population_type,
        assessed_at=rfc3339(made.assessed_at),
        needs=[{"need_id": need.id, "code": need.code, "facts": need.facts} for need in shared],
        languages=list(person.languages),
        documents=list(person.documents),
        accessibility=list(person.accessibility),
        criteria=list(made.criteria),
        preferences=list(made.preferences),
        withheld_from=list(consent.withheld_from),
        contact_allowed=made.contact_allowed(),
        household_size=made.household_size,
        children=made.children_bands(),
        emergency_override=consent.override.basis if consent.override else None,
    )
