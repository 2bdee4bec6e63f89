"""From an assessment to referrals and gaps: rules first, then who can give what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from services.referral.domain.filters import Wanted
from services.referral.domain.matching import Match, match
from services.referral.domain.pathway import NeedDecision, PersonCase, Route, decide
from services.referral.domain.planned import Planned, World, made
from services.referral.domain.receipt import AGAIN, NEXT, UNANSWERED, Ground
from services.referral.domain.record import Referral
from shared.events.intake import AssessmentSubmitted

MAX_ATTEMPTS = 5
"""After so many providers the coordinator decides (Community pathway, row R-ALL-05)."""
Searched = tuple[Wanted, Match]
"""What was looked for, and what was found."""
ROUTE = tuple(Route.__dataclass_fields__)
FOR_CAREGIVER, ADULT = "for_caregiver", "18-59"
LATER, LATER_HOURS = "THEN", 168
NO_LIMIT = 32_000
"""For a person who asks for one more try."""


def plan(world: World, case: AssessmentSubmitted) -> list[Planned]:
    """Every referral and gap of a new assessment. Raises what `pathway.decide` raises."""
    waited = hours_waited(case, world.now)
    return plan_decided(world, case, decide(world.pathway, PersonCase.of(case, hours_waited=waited)))


def hours_waited(case: AssessmentSubmitted, now: datetime) -> int:
    """Whole hours since the assessment: clinical windows shrink by them."""
    return max(0, int((now - datetime.fromisoformat(case.assessed_at)).total_seconds() // 3600))


def plan_decided(
    world: World, case: AssessmentSubmitted, decisions: tuple[NeedDecision, ...]
) -> list[Planned]:
    """Every referral and gap of a new assessment about which the rules have spoken."""
    return [made(world, case, ground, searched) for ground, searched in sought(world, case, decisions)]


def sought(
    world: World, case: AssessmentSubmitted, decisions: tuple[NeedDecision, ...]
) -> Iterator[tuple[Ground, Searched]]:
    """Every route in its order, with who was found for it. Whoever takes one counts it as pending before the next."""
    missing: set[str] = set()
    waiting: list[tuple[NeedDecision, Route]] = []
    for decision, route in routes_of(decisions):
        if route.waits_for:
            waiting.append((decision, route))
            continue
        ground, searched = _sought(world, case, decision, route)
        if searched[1].chosen is None:
            missing.add(route.service)
        yield ground, searched
    for decision, route in waiting:
        yield _sought(world, case, decision, route, frozenset(missing))


def unrouted(world: World, case: AssessmentSubmitted) -> list[Planned]:
    """A gap for each need of a case that the rules could not decide: a coordinator has to look at it."""
    found = []
    for need in case.needs:
        route = Route(service="", mode="FIRST", order=1, consent="C1", row_id="", sensitivity="S3")
        named = need["need_id"], need["code"]
        ground = replace(ground_for(world, case, named, route, UNANSWERED), priority=1)
        searched = wanted_for(case, ground, route), Match((), 0, gap_reason="not_routed")
        found.append(made(world, case, ground, searched))
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
    route = route_from(failed.route)
    ground = replace(
        ground_for(world, case, (failed.need_id, failed.need_code), route, NEXT),
        priority=failed.priority,
        deadline_hours=failed.deadline_hours,
        urgency_rows=tuple(failed.route.get("urgency_rows", ())),
        predecessor_id=failed.id,
    )
    wanted = wanted_for(case, ground, route, tried=tried)
    if failed.attempt >= most:
        found = Match((), 0, gap_reason="attempts_exhausted")
    else:
        wanted, found = search(world, wanted, route)
    planned = made(world, case, ground, (wanted, found))
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


def fill(world: World, case: AssessmentSubmitted, gap: Mapping[str, Any], tried: frozenset[str]) -> Planned:
    """Search again for a gap that was recorded before (a row of the gap ledger): a draft for a person to confirm, or a
    gap that says today's reason and is not written."""
    route = route_from(gap["route"])
    ground = replace(
        ground_for(world, case, (gap["need_id"], gap["need_code"]), route, AGAIN),
        priority=gap["priority"],
        deadline_hours=world.pathway.clocks[gap["priority"]].limits.start,
        predecessor_id=gap["referral_id"],
    )
    wanted, found = search(world, wanted_for(case, ground, route, tried=tried), route)
    planned = made(world, case, ground, (wanted, found), to_confirm=True)
    if planned.referral is None:
        return planned
    successor = replace(planned.referral, attempt=len(tried) + 1, predecessor_id=gap["referral_id"])
    return replace(planned, referral=successor)


def routes_of(decisions: tuple[NeedDecision, ...]) -> Iterator[tuple[NeedDecision, Route]]:
    """Every route that somebody is asked for, most urgent needs first."""
    for decision in sorted(decisions, key=lambda one: one.priority):
        for route in (*decision.services, *decision.notices):
            yield decision, route


def place(
    world: World,
    case: AssessmentSubmitted,
    decision: NeedDecision,
    route: Route,
    missing: frozenset[str] = frozenset(),
) -> Planned:
    """One route of a need: who is asked. A route that waits for help which is `missing` waits no longer."""
    return made(world, case, *_sought(world, case, decision, route, missing))


def _sought(
    world: World,
    case: AssessmentSubmitted,
    decision: NeedDecision,
    route: Route,
    missing: frozenset[str] = frozenset(),
) -> tuple[Ground, Searched]:
    released = route.waits_for in missing
    if released:
        missing, route = frozenset({route.waits_for or ""}), replace(route, waits_for=None)
    ground = Ground(
        pathway=world.pathway.name,
        pathway_version=world.pathway.version,
        directory_version=world.snapshot.version,
        need_id=decision.need_id,
        need_code=decision.code,
        facts=facts_of(case, decision.need_id),
        assumed=decision.assumed,
        priority=decision.priority,
        deadline_hours=decision.deadline_hours,
        window_hours=decision.window_hours,
        urgency_rows=decision.reasons,
        route=_route_row(route),
        offers=tuple(offer.service for offer in decision.offers),
        missing=tuple(missing) if released else (),
    )
    return ground, search(world, wanted_for(case, ground, route), route)


def search(world: World, wanted: Wanted, route: Route) -> Searched:
    """Look for the service; when nobody gives it, for the one that may stand in its place."""
    found = match(world.snapshot, wanted, now=world.now, pending=world.pending)
    if found.chosen is None and route.or_else:
        instead = replace(wanted, service_type=route.or_else, capabilities=frozenset())
        second = match(world.snapshot, instead, now=world.now, pending=world.pending)
        looked, better = (wanted, found) if second.chosen is None else (instead, second)
        if found.waiting or second.waiting:
            better = replace(better, waiting={**found.waiting, **second.waiting})
        return looked, better
    return wanted, found


def facts_of(case: AssessmentSubmitted, need_id: str) -> Mapping[str, Any]:
    """What was answered about one need."""
    for need in case.needs:
        if need["need_id"] == need_id:
            return need.get("facts") or {}
    return {}


def ground_for(
    world: World, case: AssessmentSubmitted, need: tuple[str, str], route: Route, occasion: str
) -> Ground:
    """What a decision stands on that is not the first one for a need (id, code)."""
    need_id, need_code = need
    return Ground(
        pathway=world.pathway.name,
        pathway_version=world.pathway.version,
        directory_version=world.snapshot.version,
        need_id=need_id,
        need_code=need_code,
        facts=facts_of(case, need_id),
        assumed=(),
        priority=3,
        deadline_hours=168,
        window_hours=None,
        urgency_rows=(),
        route=_route_row(route),
        occasion=occasion,
    )


def wanted_for(
    case: AssessmentSubmitted, ground: Ground, route: Route, *, tried: frozenset[str] = frozenset()
) -> Wanted:
    """What is looked for. Help for the caregiver of a child is looked for on behalf of an adult; a later step may be
    given by somebody who is closed now."""
    for_caregiver = FOR_CAREGIVER in route.notes
    return Wanted(
        seed=case.assessment_id,
        need_code=ground.need_code,
        service_type=route.service,
        priority=ground.priority,
        country=case.country,
        locality=case.locality,
        sensitivity=route.sensitivity,
        within_hours=ground.deadline_hours
        if route.mode != LATER
        else max(LATER_HOURS, ground.deadline_hours),
        capabilities=frozenset({route.capability} if route.capability else ()),
        barred=route.barred,
        age_band=ADULT if for_caregiver else case.age_band,
        gender="unknown" if for_caregiver else case.gender,
        languages=frozenset(case.languages),
        documents=frozenset(case.documents),
        accessibility=frozenset(case.accessibility),
        preferences=frozenset(case.preferences),
        withheld=frozenset(case.withheld_from),
        tried=tried,
    )


@lru_cache(maxsize=4096)
def _route_row(route: Route) -> Mapping[str, Any]:
    """The route as JSON. Shared between referrals: nobody changes it."""
    row = {name: getattr(route, name) for name in ROUTE}
    return {**row, "barred": sorted(route.barred), "notes": list(route.notes)}


def route_from(row: Mapping[str, Any]) -> Route:
    """The route of a referral that failed; its successor waits for nothing any more."""
    known = {name: row[name] for name in ROUTE if name in row}
    return Route(
        **{
            **known,
            "barred": frozenset(row["barred"]),
            "notes": tuple(row["notes"]),
            "waits_for": None,
            "deferred": False,
        }
    )
