"""Replay past cases through other rules, with the directory as it was when each was decided and as it is now.

Each case is decided by itself, as if it alone came: what one case would have taken from another is not counted, so that
a changed row changes the cases it speaks of and no others. `then` is the moment, the directory and the waiting
referrals of the case's own decision; `now` is today's directory for a person in the same situation: as many hours pass
between her assessment and the decision as did then, so that no clinical window has run out merely because the case is
old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.case import from_facts
from services.referral.domain.pathway import Pathway, PersonCase
from services.referral.domain.planned import World
from services.referral.domain.planning import hours_waited, sought
from services.referral.domain.rederiving import NOBODY
from services.referral.domain.replay import (
    PROTECTIVE,
    Decisions,
    Replay,
    Tally,
    compared,
    decided,
    flagged,
    shown,
)
from services.referral.domain.snapshot import Snapshot
from services.referral.operations.past import directories_at
from services.referral.operations.publishing import read
from services.referral.operations.routing import Router
from services.referral.store import history, past, versions
from services.referral.store.history import Circumstances
from shared.events.intake import AssessmentSubmitted

MOST_CASES = 5_000
THEN, NOW = "then", "now"
BOTH = (THEN, NOW)
Reached = Counter[tuple[str, str, str | None]]
"""Need, kind of help and the organization asked for it; None when nobody could be."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many cases are replayed, MOST_CASES at most, and with which directories."""

    cases: int = 1_000
    directories: tuple[str, ...] = BOTH


WHOLE = Extent(MOST_CASES)


@dataclass(frozen=True)
class Effect:
    """What changes for one organization: referrals more or less, by directory. None instead of a number for fewer than
    five."""

    organization_id: str
    name: str
    changes: Mapping[str, int | None]


@dataclass(frozen=True)
class Outcome:
    """A replay with what it means for providers. By directory: `missing` counts needs that nobody could meet, before
    and after; `unprotected` those of people with a safety flag whose protective help had a provider before and has
    none after. `unknown_then` counts cases of which nobody knows by which directory they were decided."""

    replay: Replay
    effects: tuple[Effect, ...]
    missing: Mapping[str, tuple[int, int]]
    unprotected: Mapping[str, int]
    unknown_then: int
    rules: tuple[Pathway, Pathway]

    @property
    def stops(self) -> bool:
        """Whether these rules may not be published: a person with a safety flag loses a protective route."""
        return bool(self.replay.stops) or any(self.unprotected.values())


@dataclass(slots=True)
class Case:
    """A past case with what both sets of rules say about it."""

    fact: AssessmentSubmitted
    waited: int
    then: Circumstances | None
    answers: tuple[Decisions, Decisions]
    same: bool


@dataclass
class Load:
    """Who would be asked, under both sets of rules."""

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    missing: list[int] = field(default_factory=lambda: [0, 0])
    unprotected: int = 0

    def add(self, before: Reached, after: Reached) -> None:
        """What one case makes of it."""
        for number, (load, reached) in enumerate(((self.before, before), (self.after, after))):
            for (_, _, organization), times in reached.items():
                if organization is None:
                    self.missing[number] += times
                else:
                    load[organization] += times
        protected, still = set(_protected(before)), set(_protected(after))
        self.unprotected += len(protected - still)


def replay_version(
    conn: Connection,
    router: Router,
    version_id: str,
    *,
    now: datetime,
    extent: Extent = WHOLE,
) -> Outcome:
    """The newest cases through the rules in force and through a version. Writes nothing."""
    other = read(versions.get(conn, version_id).files)
    return replay_rules(conn, router, other, now=now, extent=extent)


def replay_rules(
    conn: Connection,
    router: Router,
    other: Pathway,
    *,
    now: datetime,
    extent: Extent = WHOLE,
) -> Outcome:
    """The newest cases through the rules in force and through `other`. Writes nothing."""
    rules = router.pathway(conn, now=now), other
    tally = Tally()
    cases = [
        _decided(one, rules, tally, now)
        for one in history.latest_cases(conn, limit=min(extent.cases, MOST_CASES))
    ]
    loads: dict[str, Load] = {}
    known: set[str] = set()
    if THEN in extent.directories:
        loads[THEN], known = _then(conn, rules, cases)
    if NOW in extent.directories:
        loads[NOW] = _now(router.catalogue.snapshot(conn, now=now), rules, cases, now)
    return Outcome(
        tally.result(),
        _effects(conn, loads),
        {name: (load.missing[0], load.missing[1]) for name, load in loads.items()},
        {name: load.unprotected for name, load in loads.items()},
        len(cases) - len(known) if THEN in extent.directories else 0,
        rules,
    )


def _decided(kept: history.PastCase, rules: tuple[Pathway, Pathway], tally: Tally, now: datetime) -> Case:
    """By both sets of rules, as many hours after the assessment as when it was decided."""
    fact = from_facts(kept.facts)
    moment = kept.circumstances.decided_at if kept.circumstances else datetime.fromisoformat(fact.assessed_at)
    waited = hours_waited(fact, moment)
    person = PersonCase.of(fact, hours_waited=waited)
    answers = decided(rules[0], person), decided(rules[1], person)
    found = compared(rules, person, answers)
    tally.add(person, answers, found)
    return Case(fact, waited, kept.circumstances, answers, same=not found)


def _then(conn: Connection, rules: tuple[Pathway, Pathway], cases: Sequence[Case]) -> tuple[Load, set[str]]:
    """With the directory, the moment and the waiting referrals of each case's own decision; and which cases those are
    whose directory is known."""
    by_version: dict[int, list[Case]] = {}
    for one in cases:
        if one.then is not None:
            by_version.setdefault(one.then.directory_version, []).append(one)
    load = Load()
    known = set()
    for directory in directories_at(conn, by_version):
        for one in by_version[directory.version]:
            assert one.then is not None
            snapshot = replace(directory, performance=one.then.record)
            load.add(*_reached(snapshot, rules, one, (one.then.decided_at, one.then.waiting)))
            known.add(one.fact.assessment_id)
    return load, known


def _now(snapshot: Snapshot, rules: tuple[Pathway, Pathway], cases: Sequence[Case], now: datetime) -> Load:
    load = Load()
    for one in cases:
        load.add(*_reached(snapshot, rules, one, (now, snapshot.pending)))
    return load


def _reached(
    snapshot: Snapshot,
    rules: tuple[Pathway, Pathway],
    case: Case,
    when: tuple[datetime, Mapping[str, int]],
) -> tuple[Reached, Reached]:
    """Who would be asked, before and after. Rules that say the same are matched once."""
    before = _asked(snapshot, rules[0], case, case.answers[0], when)
    if case.same:
        return before, before
    return before, _asked(snapshot, rules[1], case, case.answers[1], when)


def _asked(
    snapshot: Snapshot,
    pathway: Pathway,
    case: Case,
    answer: Decisions,
    when: tuple[datetime, Mapping[str, int]],
) -> Reached:
    now, waiting = when
    if answer is None:
        return Counter((need["code"], "", None) for need in case.fact.needs)
    world = World(pathway, snapshot, now, lambda: NOBODY, dict(waiting))
    found: Reached = Counter()
    for ground, (wanted, match) in sought(world, case.fact, answer):
        organization = None
        if match.chosen is not None:
            chosen = match.chosen.service
            organization = chosen.organization_id
            world.pending[chosen.id] = world.pending.get(chosen.id, 0) + 1
        found[(ground.need_code, wanted.service_type, organization)] += 1
    return found


def _protected(reached: Reached) -> Iterator[tuple[str, str]]:
    """Need and kind of help where somebody with a safety flag has a provider of protective help."""
    return (
        (need, kind)
        for need, kind, organization in reached
        if organization is not None and kind in PROTECTIVE and flagged(need)
    )


def _effects(conn: Connection, loads: Mapping[str, Load]) -> tuple[Effect, ...]:
    """Organizations with more or fewer referrals, the most changed first."""
    changed: dict[str, dict[str, int]] = {}
    for name, load in loads.items():
        for organization in load.before.keys() | load.after.keys():
            change = load.after[organization] - load.before[organization]
            if change:
                changed.setdefault(organization, dict.fromkeys(loads, 0))[name] = change
    names = past.organization_names(conn, sorted(changed))
    ordered = sorted(changed.items(), key=lambda item: (-max(map(abs, item[1].values())), item[0]))
    return tuple(
        Effect(
            organization,
            names.get(organization, ""),
            {name: 0 if not change else _signed(change) for name, change in by_directory.items()},
        )
        for organization, by_directory in ordered
    )


def _signed(change: int) -> int | None:
    return None if shown(abs(change)) is None else change
