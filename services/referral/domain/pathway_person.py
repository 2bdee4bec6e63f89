"""All needs of one person together: exclusions for all, no service twice without need, not too much at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.referral.domain.pathway_routes import (
    REFERRED,
    Covered,
    Draft,
    NeedDecision,
    Route,
    sensitivity_of,
)
from services.referral.domain.pathway_tables import Pathway
from shared import codes

FIRST_URGENT = ("GBV", "CP", "TIP", "PRO", "HEA", "MHP", "BAS", "LEG", "EDU", "SOC", "LIV")
"""Protection and health before livelihoods (Community pathway, routing row R-ALL-03)."""
NOT_URGENT = 2
NOTICE = "AUTH"


@dataclass(frozen=True, slots=True)
class Placed:
    """A route with the need it comes from, by position."""

    route: Route
    need: int


class Kept:
    """The services a person is referred to, each once if every need has one of its own."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.routes: list[Placed] = []
        self.covered: list[tuple[Placed, Covered]] = []

    def add(self, placed: Placed) -> None:
        """Keeps the route, or notes which need brings the same service already."""
        route = placed.route
        for known in self.routes:
            same = known.route.service == route.service
            if same and route.capability in (None, known.route.capability):
                by = self.drafts[known.need].need.need_id
                self.covered.append((placed, Covered(route.service, by, route.row_id)))
                return
        self.routes.append(placed)

    def leave_no_need_alone(self, notices: Iterable[Placed]) -> None:
        """A need without a notice, all of whose services other needs bring, keeps the first of them: its provider must
        learn of it."""
        served = {placed.need for placed in (*self.routes, *notices)}
        for placed, covered in list(self.covered):
            if placed.need not in served:
                served.add(placed.need)
                self.routes.append(placed)
                self.covered.remove((placed, covered))

    def services(self) -> frozenset[str]:
        return frozenset(placed.route.service for placed in self.routes)


def combine(pathway: Pathway, drafts: Sequence[Draft]) -> tuple[NeedDecision, ...]:
    """The decisions for all needs, in their order."""
    barred = _barred(drafts)
    kept = Kept(drafts)
    for placed in sorted(_referred(drafts, barred), key=lambda one: _rank(drafts, one)):
        kept.add(placed)
    notices = _once(_with_mode(drafts, (NOTICE,)))
    kept.leave_no_need_alone(notices)
    routes = _limited(pathway, drafts, _released(kept))
    offers = _offers(drafts, barred, kept.services())
    return tuple(
        _decision(
            draft,
            (_of(number, routes), _of(number, offers), _of(number, notices)),
            tuple(covered for placed, covered in kept.covered if placed.need == number),
        )
        for number, draft in enumerate(drafts)
    )


def _barred(drafts: Sequence[Draft]) -> Mapping[str, frozenset[str | None]]:
    """By service: the capabilities that exclude a provider; None excludes all of them. Exclusions beat everything."""
    found: dict[str, frozenset[str | None]] = {}
    for draft in drafts:
        for one in draft.excluded:
            found[one.service] = found.get(one.service, frozenset()) | {one.capability}
    return found


def _with_mode(drafts: Sequence[Draft], modes: Sequence[str]) -> list[Placed]:
    return [
        Placed(route, number)
        for number, draft in enumerate(drafts)
        for route in draft.routes
        if route.mode in modes
    ]


def _referred(drafts: Sequence[Draft], barred: Mapping[str, frozenset[str | None]]) -> list[Placed]:
    found = []
    for placed in _with_mode(drafts, REFERRED):
        route = _allowed(placed.route, drafts[placed.need].need.code, barred)
        if route is not None:
            found.append(Placed(route, placed.need))
    return found


def _allowed(route: Route, need: str, barred: Mapping[str, frozenset[str | None]]) -> Route | None:
    """The route without what is excluded: the other service in its place, or None."""
    if not barred:
        return route
    or_else = None if None in barred.get(route.or_else or "", ()) else route.or_else
    tags = barred.get(route.service, frozenset())
    if None in tags:
        if or_else is None:
            return None
        closeness = sensitivity_of(need, or_else)
        return replace(route, service=or_else, or_else=None, capability=None, sensitivity=closeness)
    if tags or or_else != route.or_else:
        return replace(route, barred=frozenset(tag for tag in tags if tag), or_else=or_else)
    return route


def _rank(drafts: Sequence[Draft], placed: Placed) -> tuple[bool, int, bool, int, int]:
    """What comes first: what can start now, urgent, main help, protection and health, in the order of the needs."""
    draft, route = drafts[placed.need], placed.route
    domain = FIRST_URGENT.index(codes.load("needs")[draft.need.code].facts["domain"])
    return (route.mode == "THEN", draft.priority.level, route.mode != "FIRST", domain, placed.need)


def _released(kept: Kept) -> list[Placed]:
    """A step that waits for a service which nobody is referred to waits no longer."""
    services = kept.services()
    return [
        Placed(replace(placed.route, waits_for=None), placed.need)
        if placed.route.waits_for and placed.route.waits_for not in services
        else placed
        for placed in kept.routes
    ]


def _limited(pathway: Pathway, drafts: Sequence[Draft], routes: Iterable[Placed]) -> list[Placed]:
    """Defers what is not urgent and would be too much at once (R-ALL-03)."""
    running = 0
    found = []
    for placed in routes:
        if drafts[placed.need].priority.level >= NOT_URGENT and placed.route.waits_for is None:
            running += 1
            if running > pathway.at_once:
                found.append(Placed(replace(placed.route, deferred=True), placed.need))
                continue
        found.append(placed)
    return found


def _offers(
    drafts: Sequence[Draft], barred: Mapping[str, frozenset[str | None]], referred: frozenset[str]
) -> list[Placed]:
    found = []
    for placed in _with_mode(drafts, ("OPT",)):
        route = _allowed(placed.route, drafts[placed.need].need.code, barred)
        if route is not None and route.service not in referred:
            found.append(Placed(route, placed.need))
    return _once(found)


def _once(placed: Iterable[Placed]) -> list[Placed]:
    seen: dict[tuple[str, str | None], Placed] = {}
    for one in placed:
        seen.setdefault((one.route.service, one.route.capability), one)
    return list(seen.values())


def _of(need: int, placed: Iterable[Placed]) -> tuple[Route, ...]:
    return tuple(one.route for one in placed if one.need == need)


def _decision(
    draft: Draft,
    routes: tuple[tuple[Route, ...], tuple[Route, ...], tuple[Route, ...]],
    covered: tuple[Covered, ...],
) -> NeedDecision:
    priority = draft.priority
    services, offers, notices = routes
    return NeedDecision(
        need_id=draft.need.need_id,
        code=draft.need.code,
        sensitivity=codes.load("needs")[draft.need.code].facts["sensitivity"],
        priority=priority.level,
        deadline_hours=priority.deadline_hours,
        window_hours=priority.window_hours,
        floor=priority.floor,
        reasons=priority.reasons,
        assumed=draft.assumed,
        services=services,
        offers=offers,
        notices=notices,
        excluded=draft.excluded,
        covered=covered,
    )
