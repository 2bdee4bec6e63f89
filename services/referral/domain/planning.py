"""From an assessment to referrals and gaps: rules first, then who can give what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.referral.domain.filters import Wanted
from services.referral.domain.matching import Match, match
from services.referral.domain.pathway import NeedDecision, Pathway, PersonCase, Route, decide
from services.referral.domain.receipt import Ground, receipt
from services.referral.domain.record import Referral
from services.referral.domain.referral import begin
from services.referral.domain.snapshot import Snapshot
from services.referral.domain.status import Status
from shared.events.intake import AssessmentSubmitted

ASSIGNED_MODES = {"AUTH": Status.DRAFT}
MAX_ATTEMPTS = 5
"""After so many providers the coordinator decides (Community pathway, row R-ALL-05)."""
NO_LIMIT = 32_000
"""For a person who asks for one more try."""


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


def plan(world: World, case: AssessmentSubmitted) -> list[Planned]:
    """Every referral and gap of a new assessment. Raises what `pathway.decide` raises."""
    waited = max(0, int((world.now - datetime.fromisoformat(case.assessed_at)).total_seconds() // 3600))
    decisions = decide(world.pathway, PersonCase.of(case, hours_waited=waited))
    facts = {need["need_id"]: need.get("facts") or {} for need in case.needs}
    planned: list[Planned] = []
    missing: set[str] = set()
    waiting: list[tuple[NeedDecision, Route]] = []
    for decision, route in _routes(decisions):
        if route.waits_for:
            waiting.append((decision, route))
            continue
        one = _place(world, case, (decision, route, facts[decision.need_id]))
        planned.append(one)
        if one.gap:
            missing.add(route.service)
    for decision, route in waiting:
        released = replace(route, waits_for=None) if route.waits_for in missing else route
        planned.append(_place(world, case, (decision, released, facts[decision.need_id])))
    return planned


def unrouted(world: World, case: AssessmentSubmitted) -> list[Planned]:
    """A gap for each need of a case that the rules could not decide: a coordinator has to look at it."""
    found = []
    for need in case.needs:
        route = Route(service="", mode="FIRST", order=1, consent="C1", row_id="", sensitivity="S3")
        facts = need.get("facts") or {}
        ground = replace(_ground(world, need["need_id"], need["code"], route, facts), priority=1)
        searched = _wanted(case, ground, route), Match((), 0, gap_reason="not_routed")
        found.append(_planned(world, case, ground, searched))
    return found


def next_attempt(
    world: World,
    case: AssessmentSubmitted,
    failed: Referral,
    tried: frozenset[str],
    *,
    most: int = MAX_ATTEMPTS,
) -> Planned:
    """Ask the next candidate after `failed`; a gap when there is none, or after `most` attempts."""
    route = _route_of(failed.route)
    facts = next((one.get("facts") or {} for one in case.needs if one["need_id"] == failed.need_id), {})
    ground = _ground(world, failed.need_id, failed.need_code, route, facts)
    ground = replace(
        ground,
        priority=failed.priority,
        deadline_hours=failed.deadline_hours,
        urgency_rows=tuple(failed.route.get("urgency_rows", ())),
        predecessor_id=failed.id,
    )
    wanted = _wanted(case, ground, route, tried=tried)
    if failed.attempt >= most:
        found = Match((), 0, gap_reason="attempts_exhausted")
    else:
        wanted, found = _search(world, wanted, route)
    planned = _planned(world, case, ground, (wanted, found))
    if planned.gap:
        return replace(planned, gap=replace(planned.gap, referral_id=failed.id))
    assert planned.referral is not None
    successor = replace(
        planned.referral,
        attempt=failed.attempt + 1,
        predecessor_id=failed.id,
        needed_by=max(failed.needed_by, world.now),
        contact_allowed=failed.contact_allowed,
    )
    return replace(planned, referral=successor)


def _routes(decisions: tuple[NeedDecision, ...]) -> Iterator[tuple[NeedDecision, Route]]:
    for decision in sorted(decisions, key=lambda one: one.priority):
        for route in (*decision.services, *decision.notices):
            yield decision, route


def _place(
    world: World, case: AssessmentSubmitted, what: tuple[NeedDecision, Route, Mapping[str, Any]]
) -> Planned:
    decision, route, facts = what
    ground = replace(
        _ground(world, decision.need_id, decision.code, route, facts),
        assumed=decision.assumed,
        priority=decision.priority,
        deadline_hours=decision.deadline_hours,
        window_hours=decision.window_hours,
        urgency_rows=decision.reasons,
        offers=tuple(offer.service for offer in decision.offers),
    )
    wanted, found = _search(world, _wanted(case, ground, route), route)
    return _planned(world, case, ground, (wanted, found))


def _search(world: World, wanted: Wanted, route: Route) -> tuple[Wanted, Match]:
    """Look for the service; when nobody gives it, for the one that may stand in its place."""
    found = match(world.snapshot, wanted, now=world.now, pending=world.pending)
    if found.chosen is None and route.or_else:
        instead = replace(wanted, service_type=route.or_else, capabilities=frozenset())
        second = match(world.snapshot, instead, now=world.now, pending=world.pending)
        if second.chosen is not None:
            return instead, second
    return wanted, found


def _ground(world: World, need_id: str, need_code: str, route: Route, facts: Mapping[str, Any]) -> Ground:
    return Ground(
        pathway=world.pathway.name,
        pathway_version=world.pathway.version,
        directory_version=world.snapshot.version,
        need_id=need_id,
        need_code=need_code,
        facts=facts,
        assumed=(),
        priority=3,
        deadline_hours=168,
        window_hours=None,
        urgency_rows=(),
        route=_route_row(route),
    )


def _wanted(
    case: AssessmentSubmitted, ground: Ground, route: Route, *, tried: frozenset[str] = frozenset()
) -> Wanted:
    return Wanted(
        seed=case.assessment_id,
        need_code=ground.need_code,
        service_type=route.service,
        priority=ground.priority,
        country=case.country,
        locality=case.locality,
        sensitivity=route.sensitivity,
        within_hours=ground.deadline_hours,
        capabilities=frozenset({route.capability} if route.capability else ()),
        barred=route.barred,
        age_band=case.age_band,
        gender=case.gender,
        languages=frozenset(case.languages),
        documents=frozenset(case.documents),
        accessibility=frozenset(case.accessibility),
        preferences=frozenset(case.preferences),
        withheld=frozenset(case.withheld_from),
        tried=tried,
    )


def _planned(
    world: World, case: AssessmentSubmitted, ground: Ground, searched: tuple[Wanted, Match]
) -> Planned:
    wanted, found = searched
    body = receipt(ground, wanted, found, now=world.now)
    if found.chosen is None:
        return Planned(body, gap=_gap(world, case, ground, searched))
    chosen = found.chosen.service
    world.pending[chosen.id] = world.pending.get(chosen.id, 0) + 1
    route = dict(ground.route) | {"urgency_rows": list(ground.urgency_rows)}
    waiting = route["mode"] == "AUTH" or route["waits_for"] or route["deferred"]
    referral = Referral(
        id=world.new_id(),
        assessment_id=case.assessment_id,
        person_id=case.person_id,
        need_id=ground.need_id,
        need_code=ground.need_code,
        service_type=wanted.service_type,
        sensitivity=wanted.sensitivity,
        priority=ground.priority,
        mode=route["mode"],
        route=route,
        organization_id=chosen.organization_id,
        service_id=chosen.id,
        referring_organization_id=case.organization_id,
        focal_point_id=case.focal_point_id,
        country=case.country,
        locality=case.locality,
        age_band=case.age_band,
        gender=case.gender,
        languages=tuple(case.languages),
        contact_allowed=case.contact_allowed,
        status=Status.DRAFT if waiting else Status.REQUESTED,
        limits=world.pathway.clocks[ground.priority].limits,
        deadline_hours=ground.deadline_hours,
        needed_by=world.now + timedelta(hours=ground.deadline_hours),
        created_at=world.now,
        changed_at=world.now,
        since=world.now,
        marked=world.now,
    )
    return Planned(body, referral=begin(referral, now=world.now))


def _gap(world: World, case: AssessmentSubmitted, ground: Ground, searched: tuple[Wanted, Match]) -> Gap:
    wanted, found = searched
    return Gap(
        id=world.new_id(),
        assessment_id=case.assessment_id,
        person_id=case.person_id,
        need_id=ground.need_id,
        need_code=ground.need_code,
        service_type=wanted.service_type,
        sensitivity=wanted.sensitivity,
        priority=ground.priority,
        country=case.country,
        locality=case.locality,
        age_band=case.age_band,
        gender=case.gender,
        reason=found.gap_reason or "no_service",
        route=ground.route,
        referring_organization_id=case.organization_id,
        focal_point_id=case.focal_point_id,
        created_at=world.now,
    )


def _route_row(route: Route) -> dict[str, Any]:
    return {**asdict(route), "barred": sorted(route.barred), "notes": list(route.notes)}


def _route_of(row: Mapping[str, Any]) -> Route:
    """The route of a referral that failed; its successor waits for nothing any more."""
    known = {name: row[name] for name in Route.__dataclass_fields__ if name in row}
    return Route(
        **{
            **known,
            "barred": frozenset(row["barred"]),
            "notes": tuple(row["notes"]),
            "waits_for": None,
            "deferred": False,
        }
    )
