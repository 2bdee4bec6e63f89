"""A decided need as replays compare it: what a person, a provider or a coordinator would notice of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.referral.domain.pathway import Clocks, Need, NeedDecision, Pathway, clocks_for
from services.referral.domain.pathway import Route as Asked

LATER = "THEN"
NO_ANSWER_PRIORITY, NO_ANSWER_HOURS = 1, 168
"""How urgent a need without an answer of the rules is for the coordinator who has to look at it."""
BY_SERVICE = ("mode", "provider", "waits", "consent")
"""Aspects told for each kind of help, and compared only where both ask for it."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One aspect that differs: `priority`, `services`, `deadline` (hours), `window` (hours), `floor`, `mode`,
    `provider` (what it must or must not have, and who may stand in), `waits`, `consent`, `offers`, `excluded`,
    `clocks`."""

    aspect: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Route:
    """One decided need: how urgent, and which kinds of help are asked for, in order. `urgency` grows the later help is
    due; `at_once` is what is referred now, without waiting and without somebody having to choose it."""

    priority: str
    services: tuple[str, ...]
    rows: tuple[str, ...]
    urgency: tuple[int, float] = (0, 0)
    at_once: frozenset[str] = frozenset()
    plain: Mapping[str, str] = field(default_factory=dict, hash=False)
    by_service: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def words(self) -> str:
        return f"{self.priority} {' + '.join(self.services) or '–'}"


def details(before: Route, after: Route) -> tuple[Detail, ...]:
    """Every aspect in which two routes differ; none when a person would notice nothing."""
    found = [
        Detail(aspect, value, after.plain[aspect])
        for aspect, value in before.plain.items()
        if value != after.plain[aspect]
    ]
    for aspect in BY_SERVICE:
        old, new = before.by_service[aspect], after.by_service[aspect]
        kinds = [kind for kind in old if kind in new and old[kind] != new[kind]]
        if kinds:
            found.append(Detail(aspect, _listed(old, kinds), _listed(new, kinds)))
    return tuple(found)


def route_of(pathway: Pathway, decision: NeedDecision) -> Route:
    """Referrals first, then notices to an authority that a person would confirm."""
    asked = [*decision.services, *decision.notices]
    services = tuple(route.service for route in asked)
    plain = {
        "priority": f"P{decision.priority}",
        "services": " + ".join(services) or "–",
        "deadline": f"{decision.deadline_hours:g}",
        "window": "–" if decision.window_hours is None else f"{decision.window_hours:g}",
        "floor": f"P{decision.floor}",
        "offers": _joined(f"{one.service}{_tag(one.capability)}" for one in decision.offers),
        "excluded": _joined(sorted(f"{one.service}{_tag(one.capability)}" for one in decision.excluded)),
        "clocks": _clocks(clocks_for(pathway, decision.priority)),
    }
    return Route(
        f"P{decision.priority}",
        services,
        tuple(dict.fromkeys([*decision.reasons, *(route.row_id for route in asked)])),
        (decision.priority, decision.deadline_hours),
        frozenset(one.service for one in asked if _now(one)),
        plain,
        {
            "mode": _by_service(asked, lambda one: one.mode),
            "provider": _by_service(asked, _provider),
            "waits": _by_service(asked, _waits),
            "consent": _by_service(asked, lambda one: one.consent),
        },
    )


def undecided(needs: tuple[Need, ...]) -> tuple[NeedDecision, ...]:
    """What happens to needs that the rules have no answer for: nobody is asked, a coordinator has to look."""
    return tuple(
        NeedDecision(
            need_id=need.need_id,
            code=need.code,
            sensitivity="",
            priority=NO_ANSWER_PRIORITY,
            deadline_hours=NO_ANSWER_HOURS,
            window_hours=None,
            floor=NO_ANSWER_PRIORITY,
            reasons=(),
            assumed=(),
            services=(),
        )
        for need in needs
    )


def _by_service(asked: Iterable[Asked], value: Callable[[Asked], str]) -> dict[str, str]:
    """A kind of help that is asked for twice, of different providers, has both values."""
    found: dict[str, str] = {}
    for one in asked:
        said = value(one)
        found[one.service] = f"{found[one.service]} & {said}" if one.service in found else said
    return found


def _now(route: Asked) -> bool:
    return route.mode != LATER and not route.waits_for and not route.deferred


def _provider(route: Asked) -> str:
    barred = "".join(f" −{tag}" for tag in sorted(route.barred))
    return f"{_tag(route.capability)}{barred}{f' / {route.or_else}' if route.or_else else ''}".strip() or "–"


def _waits(route: Asked) -> str:
    return route.waits_for or ("deferred" if route.deferred else "–")


def _tag(capability: str | None) -> str:
    return f" [{capability}]" if capability else ""


def _clocks(clocks: Clocks) -> str:
    limits = clocks.limits
    hours = (limits.acknowledge, limits.decide, limits.start, limits.feedback, limits.waitlist)
    marks = (clocks.wall_clock, clocks.by_phone, clocks.waiting_list)
    return "/".join(f"{one:g}" for one in hours) + "".join(" +" if mark else " -" for mark in marks)


def _listed(values: Mapping[str, str], kinds: list[str]) -> str:
    return ", ".join(f"{kind} {values[kind]}" for kind in kinds)


def _joined(parts: Iterable[str]) -> str:
    return " + ".join(parts) or "–"
