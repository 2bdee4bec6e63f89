"""What planning makes: a referral to one organization or a gap, each with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.referral.domain.filters import Wanted
from services.referral.domain.matching import Match
from services.referral.domain.pathway import Pathway
from services.referral.domain.receipt import Ground, receipt
from services.referral.domain.record import Referral
from services.referral.domain.referral import begin
from services.referral.domain.snapshot import Snapshot
from services.referral.domain.status import Status
from shared.events.intake import AssessmentSubmitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A need that nobody reachable can meet. `route` is what was asked for; `referral_id` the last that failed."""

    id: str
    assessment_id: str
    person_id: str
    need_id: str
    need_code: str
    service_type: str
    sensitivity: str
    priority: int
    country: str
    locality: str
    age_band: str
    gender: str
    reason: str
    route: Mapping[str, Any]
    referring_organization_id: str | None
    focal_point_id: str | None
    created_at: datetime
    referral_id: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One route decided: a referral or a gap, with its receipt."""

    receipt: Mapping[str, Any]
    referral: Referral | None = None
    gap: Gap | None = None


@dataclass(slots=True)
class World:
    """What planning reads besides the case, and where it counts what it asks of each service."""

    pathway: Pathway
    snapshot: Snapshot
    now: datetime
    new_id: Callable[[], str]
    pending: MutableMapping[str, int] = field(default_factory=dict)


def made(
    world: World,
    case: AssessmentSubmitted,
    ground: Ground,
    searched: tuple[Wanted, Match],
    *,
    to_confirm: bool = False,
) -> Planned:
    """The referral for the best candidate, or the gap when there is none, with the receipt. Counts what it asks.
    With `to_confirm` it is a draft that only a person sends."""
    wanted, found = searched
    body = receipt(ground, wanted, found, now=world.now)
    if found.chosen is None:
        return Planned(body, gap=gap_of(world, case, ground, searched))
    chosen = found.chosen.service
    world.pending[chosen.id] = world.pending.get(chosen.id, 0) + 1
    route = dict(ground.route) | {"urgency_rows": list(ground.urgency_rows)}
    waiting = to_confirm or route["mode"] == "AUTH" or route["waits_for"] or route["deferred"]
    referral = begin(
        **_about(case, ground, wanted),
        id=world.new_id(),
        mode=route["mode"],
        route=route,
        organization_id=chosen.organization_id,
        service_id=chosen.id,
        languages=tuple(case.languages),
        contact_allowed=case.contact_allowed,
        status=Status.DRAFT if waiting else Status.REQUESTED,
        limits=world.pathway.clocks[ground.priority].limits,
        deadline_hours=ground.deadline_hours,
        needed_by=world.now + timedelta(hours=ground.deadline_hours),
        now=world.now,
    )
    return Planned(body, referral=referral)


def gap_of(world: World, case: AssessmentSubmitted, ground: Ground, searched: tuple[Wanted, Match]) -> Gap:
    """The gap that a search without a candidate leaves."""
    wanted, found = searched
    return Gap(
        **_about(case, ground, wanted),
        id=world.new_id(),
        reason=found.gap_reason or "no_service",
        route=ground.route,
        created_at=world.now,
    )


def _about(case: AssessmentSubmitted, ground: Ground, wanted: Wanted) -> dict[str, Any]:
    """What a referral and a gap say alike."""
    return {
        "assessment_id": case.assessment_id,
        "person_id": case.person_id,
        "need_id": ground.need_id,
        "need_code": ground.need_code,
        "service_type": wanted.service_type,
        "sensitivity": wanted.sensitivity,
        "priority": ground.priority,
        "country": case.country,
        "locality": case.locality,
        "age_band": case.age_band,
        "gender": case.gender,
        "referring_organization_id": case.organization_id,
        "focal_point_id": case.focal_point_id,
    }
