"""A decision derived again from its receipt, the rules and the directory of its version, and what the person had said.

The person's case is kept once, beside the receipt, and erased when she withdraws her consent. Without it the rules
cannot be asked again; what the receipt itself says was looked for is then matched again, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from services.referral.domain.decisions import DecisionError
from services.referral.domain.filters import Wanted
from services.referral.domain.matching import Match, match
from services.referral.domain.pathway import Pathway, PersonCase, decide
from services.referral.domain.planned import World, made
from services.referral.domain.planning import (
    MAX_ATTEMPTS,
    ground_for,
    hours_waited,
    place,
    route_from,
    routes_of,
    search,
    unrouted,
    wanted_for,
)
from services.referral.domain.receipt import AGAIN, FIRST, FORMAT, UNANSWERED, canonical, found_in
from services.referral.domain.snapshot import Snapshot
from shared.clock import parse_time
from shared.events.intake import AssessmentSubmitted

EXHAUSTED = "attempts_exhausted"
NOBODY = "00000000-0000-7000-8000-000000000000"
Body = Mapping[str, Any]


class NotDerivable(Exception):
    """These bytes cannot be derived again: `reason` is `format` (an older kind of receipt), `case` (what the person
    said was erased, and the receipt alone does not tell whom she excluded), `rules` or `directory` (other contents, or
    none)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Again:
    """What came out the second time. `whole`: rules and matching; else matching alone."""

    body: Body
    whole: bool

    def differs(self, first: Body) -> list[str]:
        """Paths of the receipt that say something else now; none when both are the same bytes."""
        return [] if canonical(self.body) == canonical(first) else sorted(_paths(first, self.body))


def derive(body: Body, pathway: Pathway, snapshot: Snapshot, case: AssessmentSubmitted | None) -> Again:
    """The receipt again. Raises NotDerivable."""
    if body["format"] != FORMAT:
        raise NotDerivable("format")
    if pathway.version != body["rules"]["version"]:
        raise NotDerivable("rules")
    if snapshot.version != body["directory_version"]:
        raise NotDerivable("directory")
    measured = body["measured"]
    seen = replace(snapshot, performance=measured["record"])
    world = World(pathway, seen, parse_time(body["decided_at"]), lambda: NOBODY, dict(measured["waiting"]))
    if case is None:
        return Again(_matched(world, body), whole=False)
    write = {FIRST: _first, UNANSWERED: _unanswered}.get(body["occasion"], _later)
    return Again(write(world, case, body), whole=True)


def _first(world: World, case: AssessmentSubmitted, body: Body) -> Body:
    person = PersonCase.of(case, hours_waited=hours_waited(case, world.now))
    try:
        decisions = decide(world.pathway, person)
    except (LookupError, DecisionError, ValueError):
        return {}
    missing = frozenset(body["measured"]["missing"])
    for decision, route in routes_of(decisions):
        if (decision.need_id, route.row_id) == (body["need"]["id"], body["route"]["row_id"]):
            return place(world, case, decision, route, missing).receipt
    return {}


def _unanswered(world: World, case: AssessmentSubmitted, body: Body) -> Body:
    try:
        decide(world.pathway, PersonCase.of(case, hours_waited=hours_waited(case, world.now)))
    except (LookupError, DecisionError, ValueError):
        found = [one.receipt for one in unrouted(world, case)]
        return next((one for one in found if one["need"]["id"] == body["need"]["id"]), {})
    return {}


def _later(world: World, case: AssessmentSubmitted, body: Body) -> Body:
    """After a provider that could not help, or for a gap that is looked at again: the route stands, who is asked is
    searched anew."""
    route = route_from(body["route"])
    need, priority = body["need"], body["priority"]
    again = body["occasion"] == AGAIN
    ground = replace(
        ground_for(world, case, (need["id"], need["code"]), route, body["occasion"]),
        priority=priority["level"],
        deadline_hours=world.pathway.clocks[priority["level"]].limits.start
        if again
        else priority["deadline_hours"],
        urgency_rows=() if again else tuple(priority["rows"]),
        predecessor_id=body["predecessor_id"],
    )
    tried = frozenset(body["asked"]["tried"])
    wanted = wanted_for(case, ground, route, tried=tried)
    found = _exhausted(body, tried)
    searched = search(world, wanted, route) if found is None else (wanted, found)
    return made(world, case, ground, searched).receipt


def _matched(world: World, body: Body) -> Body:
    """Matching alone, by what the receipt says was looked for."""
    asked = body["asked"]
    if asked["withheld"]:
        raise NotDerivable("case")
    if body["occasion"] == UNANSWERED:
        return body
    found = _exhausted(body, frozenset(asked["tried"])) or match(
        world.snapshot, wanted_in(body), now=world.now, pending=world.pending
    )
    return {**body, **found_in(found)}


def wanted_in(body: Body, withheld: frozenset[str] = frozenset()) -> Wanted:
    """What the receipt says was looked for. It counts the organizations that must not learn of the person; who knows
    them names them in `withheld`."""
    names = Wanted.__dataclass_fields__
    asked: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in body["asked"].items()
        if name in names and name != "withheld"
    }
    for name in ("languages", "documents", "accessibility", "preferences", "capabilities", "barred"):
        asked.setdefault(name, frozenset())
    return Wanted(**asked, withheld=withheld)


def _exhausted(body: Body, tried: frozenset[str]) -> Match | None:
    """After so many providers nobody is looked for any more."""
    looked = body["eligible"] or body["excluded"]
    if body["gap"] != EXHAUSTED or looked or len(tried) < MAX_ATTEMPTS:
        return None
    return Match((), 0, gap_reason=EXHAUSTED)


def _paths(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = dict.fromkeys(chain(one, other))
        for name in names:
            yield from _paths(one.get(name), other.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _paths(left, right, f"{path}[{number}]")
    elif canonical({"": one}) != canonical({"": other}):
        yield path
