"""Which help a person needs, how fast and in what order.

`decide` is pure: the same pathway and the same case give the same decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.referral.domain.pathway_case import Need, PersonCase, need_inputs, person_inputs
from services.referral.domain.pathway_person import combine
from services.referral.domain.pathway_routes import (
    Covered,
    Draft,
    Exclusion,
    NeedDecision,
    Route,
    draft_of,
)
from services.referral.domain.pathway_tables import Clocks, Pathway
from services.referral.domain.pathway_urgency import priority_of

__all__ = [
    "Clocks",
    "Covered",
    "Exclusion",
    "Need",
    "NeedDecision",
    "Pathway",
    "PersonCase",
    "Route",
    "Seen",
    "clocks_for",
    "decide",
    "seen",
]


@dataclass(frozen=True, slots=True)
class Seen:
    """A need as the tables see it, and the hours since the event when it has any."""

    need: Need
    inputs: Mapping[str, Any]
    hours: int | None


def decide(pathway: Pathway, case: PersonCase) -> tuple[NeedDecision, ...]:
    """One decision for each need, in the order of the case.

    A service that another need of the person brings already is not named again but told in `covered`, save where it
    is all that is left for the need: no need is met with silence.
    Raises LookupError when the rules are silent about a need, DecisionError when the case cannot be read.
    """
    return combine(pathway, [_draft(pathway, case, one) for one in seen(pathway, case)])


def seen(pathway: Pathway, case: PersonCase) -> list[Seen]:
    """What the tables are asked for each need: for receipts, proofs and replays."""
    person = person_inputs(case)
    found = []
    for need in case.needs:
        facts, hours = need_inputs(need, pathway.cautious[need.code], waited=case.hours_waited)
        found.append(Seen(need, {**facts, **person}, hours))
    return found


def _draft(pathway: Pathway, case: PersonCase, one: Seen) -> Draft:
    priority = priority_of(pathway, one.inputs, one.hours)
    assumed = pathway.assumed(one.need)
    return draft_of(
        pathway, one.need, priority, (one.inputs, assumed, pathway.consents[case.country, case.age_band])
    )


def clocks_for(pathway: Pathway, priority: int) -> Clocks:
    """The four clocks of a priority, 0 to 3."""
    return pathway.clocks[priority]
