"""The person as the rules see her: codes and bands, no identity, and cautious values for what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shared import codes
from shared.events.intake import AssessmentSubmitted

UNKNOWN = "unknown"
NOT_ASKED = "not_asked"
NUMBERS = ("deadline_days", "medicine_days", "grade")
BANDS = {"le_24h": 24, "h25_72": 72, "h73_120": 120, "h121_d14": 336, "gt_d14": 4380}
"""The last hour of each band of elapsed time; `gt_6m` follows."""
MINOR_CRITERION = "V01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One need of the person. `facts` are the answers by the names of need_facts; one left out is unknown."""

    need_id: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCase:
    """An assessed person with the needs that may be shared: the fields of `assessment.submitted.v1` that rules read.

    `hours_waited` is the time since the assessment: clinical windows shrink by it.
    """

    country: str
    needs: tuple[Need, ...]
    age_band: str = UNKNOWN
    gender: str = UNKNOWN
    population_type: str = UNKNOWN
    documents: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    household_size: int | None = None
    hours_waited: int = 0

    @classmethod
    def of(cls, fact: AssessmentSubmitted, *, hours_waited: int = 0) -> PersonCase:
        """The case that an assessment tells of."""
        needs = tuple(
            Need(need_id=one["need_id"], code=one["code"], facts=one.get("facts") or {}) for one in fact.needs
        )
        return cls(
            country=fact.country,
            needs=needs,
            age_band=fact.age_band,
            gender=fact.gender,
            population_type=fact.population_type,
            documents=tuple(fact.documents),
            criteria=tuple(fact.criteria),
            children=tuple(fact.children),
            household_size=fact.household_size,
            hours_waited=hours_waited,
        )

    @property
    def minor(self) -> bool:
        return is_minor(self.age_band)


@cache
def is_minor(age_band: str) -> bool:
    """Whether a known age band lies under 18."""
    return codes.load("age_bands")[age_band].is_true("minor")


@cache
def _regular_documents(country: str) -> frozenset[str]:
    documents = codes.load("documents").values()
    return frozenset(one.code for one in documents if country in one.several("regular_in"))


def status_of(case: PersonCase) -> str | None:
    """`regular` when a document of the host country shows it or the person is of that country, `irregular` when she
    says so (V22) or holds other papers only, None when nobody asked."""
    if not _regular_documents(case.country).isdisjoint(case.documents):
        return "regular"
    if case.population_type in ("host_community", "returnee"):
        return "regular"
    return "irregular" if case.documents or "V22" in case.criteria or "V21" in case.criteria else None


def alone(case: PersonCase) -> str | None:
    """`yes` when no other adult lives with the person (for a child: nobody at all), None when not known."""
    if case.household_size is None:
        return None
    others = case.household_size - 1 - (0 if case.minor else len(case.children))
    return "no" if others > 0 else "yes"


def person_inputs(case: PersonCase) -> dict[str, Any]:
    """What the tables ask about the person, the same for all her needs."""
    criteria = (
        (*case.criteria, MINOR_CRITERION)
        if case.minor and MINOR_CRITERION not in case.criteria
        else case.criteria
    )
    return {
        "country": case.country,
        "age_band": case.age_band,
        "gender": case.gender,
        "population_type": case.population_type,
        "status": status_of(case),
        "documents": case.documents,
        "criteria": criteria,
        "children": tuple(band for band in case.children if band != UNKNOWN),
        "alone": alone(case),
    }


def elapsed_hours(facts: Mapping[str, Any], waited: int) -> int | None:
    """Hours since the event by the end of the assessment plus the wait; the last hour of a band when only the band is
    known. None when nothing is known, or when it is more than six months ago."""
    hours = facts.get("elapsed_hours")
    if hours is None:
        hours = BANDS.get(facts.get("elapsed", ""))
    return None if hours is None else hours + waited


def band_of(hours: int) -> str:
    """The band that holds so many hours."""
    return next((band for band, last in BANDS.items() if hours <= last), "gt_6m")


@cache
def _weights() -> Mapping[str, tuple[int, tuple[tuple[str, int], ...]]]:
    found = {}
    for one in codes.load("criteria").values():
        variants = [text.rpartition(":") for text in one.several("weight_variant")]
        found[one.code] = (int(one.fact("weight")), tuple((when, int(value)) for when, _, value in variants))
    return found


def weight_of(criteria: tuple[str, ...], *, age_band: str, need: str) -> int:
    """The sum of the weights of the criteria for a person of this age with this need."""
    total = 0
    holding = (f"age_band={age_band}", f"need={need}")
    for code in criteria:
        weight, variants = _weights()[code]
        total += next((value for when, value in variants if when in holding), weight)
    return total


def answered(need: Need) -> dict[str, Any]:
    """The questions with a known answer."""
    return {name: value for name, value in need.facts.items() if value is not None and value != UNKNOWN}


def need_inputs(need: Need, defaults: Mapping[str, Any], *, waited: int) -> tuple[dict[str, Any], int | None]:
    """The facts of one need as the tables ask them, and the hours since the event.

    `defaults` says, for this kind of need, what an unanswered question counts as.
    """
    given = answered(need)
    inputs = {**defaults, **given, "need": need.code}
    hours = elapsed_hours(given, waited)
    if hours is not None:
        inputs["elapsed"] = band_of(hours)
    elif inputs["elapsed"] in BANDS:
        hours = BANDS[inputs["elapsed"]]
    return inputs, hours
