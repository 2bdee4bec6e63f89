"""From the rows that match a need to the services it calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from services.referral.domain.pathway_case import Need
from services.referral.domain.pathway_tables import Pathway, Step
from services.referral.domain.pathway_urgency import Priority
from shared import codes

REFERRED = ("FIRST", "PAR", "THEN")
PERSON, CAREGIVER = "C1", "C2"
ROUTES_KEPT = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One service that a need calls for.

    `mode`: FIRST (the main help), PAR (offered at the same time), THEN (after `waits_for`), OPT (mentioned, the
    person chooses), AUTH (notice to an authority, a person confirms it). `capability` is what the provider must
    have, `barred` what it must not have. `or_else` is tried when nobody gives `service`. `consent`: C1 of the
    person, C2 of a caregiver with assent, C3 may also rest on a recorded override. `waits_for` is a service of the
    same person that must be completed before. `deferred`: not yet, because enough that is not urgent runs already.
    """

    service: str
    mode: str
    order: int
    consent: str
    row_id: str
    sensitivity: str
    capability: str | None = None
    barred: frozenset[str] = frozenset()
    or_else: str | None = None
    waits_for: str | None = None
    notes: tuple[str, ...] = ()
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A service, or with `capability` only its providers that have it, where this person must not be sent."""

    service: str
    capability: str | None
    row_id: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """A service of this need that the referral for another need of the same person brings too."""

    service: str
    need_id: str
    row_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDecision:
    """What is due for one need.

    `priority` 0 (emergency) to 3, `deadline_hours` until help must have begun, `window_hours` left of the clinical
    window, `floor` the lowest priority to which a person may lower it. `reasons` are the rows behind the priority, with
    those that raised it; `assumed` the unanswered questions that count as the cautious value. `services` are referred,
    `offers` mentioned, `notices` drafted for an authority, `excluded` never.
    """

    need_id: str
    code: str
    sensitivity: str
    priority: int
    deadline_hours: int
    window_hours: int | None
    floor: int
    reasons: tuple[str, ...]
    assumed: tuple[str, ...]
    services: tuple[Route, ...]
    offers: tuple[Route, ...] = ()
    notices: tuple[Route, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    covered: tuple[Covered, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A need decided by itself, before the person's needs are seen together."""

    need: Need
    priority: Priority
    assumed: tuple[str, ...]
    routes: tuple[Route, ...]
    excluded: tuple[Exclusion, ...]


def draft_of(
    pathway: Pathway,
    need: Need,
    priority: Priority,
    seen: tuple[Mapping[str, Any], tuple[str, ...], str],
) -> Draft:
    """The need with its own routes. `seen` is what the table is asked, what was assumed, and whose consent it takes."""
    inputs, assumed, consent = seen
    matched = pathway.tables["routing"].explain(inputs).matched
    steps = [pathway.steps[row_id] for row_id in matched]
    routes = tuple(_route(step, need.code, consent) for step in steps if step.mode != "NOT")
    if not routes:
        raise LookupError(f"no routing row serves {need.code}")
    excluded = tuple(
        Exclusion(step.service, step.capability, step.row_id, step.notes)
        for step in steps
        if step.mode == "NOT"
    )
    return Draft(need, priority, assumed, routes, excluded)


@cache
def sensitivity_of(need: str, service: str) -> str:
    """The closer of the need's class and the service's."""
    classes = (
        codes.load("needs")[need].fact("sensitivity"),
        codes.load("service_types")[service].fact("sensitivity"),
    )
    return max(classes)


@lru_cache(maxsize=ROUTES_KEPT)
def _route(step: Step, need: str, consent: str) -> Route:
    return Route(
        service=step.service,
        mode=step.mode,
        order=step.order,
        consent=CAREGIVER if step.consent == PERSON and consent == CAREGIVER else step.consent,
        row_id=step.row_id,
        sensitivity=sensitivity_of(need, step.service),
        capability=step.capability,
        or_else=step.or_else,
        waits_for=step.waits_for,
        notes=step.notes,
    )
