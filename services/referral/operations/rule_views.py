"""Versions, replays and tried cases as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.referral.domain.decisions import DecisionError
from services.referral.domain.pathway import Need, NeedDecision, Pathway, PersonCase, decide
from services.referral.domain.publishing import Found, State, Version
from services.referral.operations.showing import titles_of
from shared import codes
from shared.clock import local_day
from shared.errors import Invalid

TRIED = "00000000-0000-7000-8000-000000000000"


def standing(version: Version, live: str, now: datetime) -> str:
    """Where it stands for people: the state, and for an approved one whether it decides."""
    if version.state is not State.APPROVED:
        return version.state.value
    if version.id == live:
        return "live"
    assert version.live_from is not None
    return "scheduled" if now < version.live_from else "superseded"


def shown_version(version: Version, live: str, *, now: datetime, language: str) -> dict[str, Any]:
    """A version with its findings in the reader's language."""
    return {
        **{name: getattr(version, name) for name in version.__dataclass_fields__ if name != "files"},
        "state": version.state.value,
        "standing": standing(version, live, now),
        "files": sorted(version.files),
        "findings": [_finding(version, one, language, local_day(now)) for one in version.findings],
    }


def _finding(version: Version, found: Found, language: str, on: date) -> dict[str, Any]:
    signed = next((one for one in version.exemptions if one.key == found.key and one.counts(on)), None)
    return {
        "key": found.key,
        "kind": found.kind,
        "table": found.table,
        "rows": list(found.rows),
        "sentence": found.en if language == "en" else found.es,
        "blocking": found.blocking,
        "case": found.case,
        "beside": list(found.beside or found.rows),
        "answered_by": signed.signed_by if signed else None,
        "expires_on": signed.expires_on if signed else None,
        "reason": signed.reason if signed else "",
    }


def try_case(pathway: Pathway, asked: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a pathway says about one need of one imagined person. Raises Invalid for what the rules cannot read."""
    if asked["need"] not in codes.load("needs"):
        raise Invalid("No existe esa necesidad.", code="need_unknown")
    case = PersonCase(
        country=asked["country"],
        needs=(Need(need_id=TRIED, code=asked["need"], facts=asked["facts"]),),
        age_band=asked["age_band"],
        gender=asked["gender"],
        population_type=asked["population_type"],
        documents=tuple(asked["documents"]),
        criteria=tuple(asked["criteria"]),
    )
    try:
        decision = decide(pathway, case)[0]
    except (LookupError, DecisionError, ValueError) as error:
        raise Invalid("Las reglas no pueden leer este caso.", code="case_unreadable") from error
    return _decision(decision, pathway, language)


def _decision(decision: NeedDecision, pathway: Pathway, language: str) -> dict[str, Any]:
    titles = titles_of(pathway)
    names = codes.load("service_types")
    english = language == "en"

    def route(one: Any) -> dict[str, Any]:
        code = names[one.service]
        title = titles(one.row_id)[english]
        return {
            "service": one.service,
            "name": code.en if english else code.es,
            "row": one.row_id,
            "title": title,
        }

    return {
        "priority": f"P{decision.priority}",
        "deadline_hours": decision.deadline_hours,
        "reasons": [{"row": row, "title": titles(row)[english]} for row in decision.reasons],
        "services": [route(one) for one in decision.services],
        "offers": [route(one) for one in decision.offers],
        "notices": [route(one) for one in decision.notices],
    }
