"""Replay past cases through other rules, with the directory as it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain import planning
from services.referral.domain.case import from_facts
from services.referral.domain.decisions import DecisionError
from services.referral.domain.pathway import Pathway, PersonCase
from services.referral.domain.planning import World
from services.referral.domain.replay import Replay, replay, shown
from services.referral.domain.snapshot import Snapshot
from services.referral.operations.publishing import read
from services.referral.operations.routing import Router
from services.referral.store import history, versions
from shared.events.intake import AssessmentSubmitted

MOST_CASES = 5_000


@dataclass(frozen=True)
class Effect:
    """What changes for one organization: referrals more or less. None instead of a number for a small group."""

    organization_id: str
    change: int | None


@dataclass(frozen=True)
class Outcome:
    """A replay with what it means for providers. `gaps` counts needs nobody could meet, before and after."""

    replay: Replay
    effects: tuple[Effect, ...]
    gaps: tuple[int, int]


def replay_version(
    conn: Connection, router: Router, version_id: str, *, now: datetime, limit: int = MOST_CASES
) -> Outcome:
    """The newest `limit` cases through the rules in force and through a version. Writes nothing."""
    live = router.pathway(conn, now=now)
    other = read(versions.get(conn, version_id).files)
    cases = [from_facts(facts) for facts in history.latest_facts(conn, limit=min(limit, MOST_CASES))]
    found = replay(live, other, [PersonCase.of(case) for case in cases])
    snapshot = router.catalogue.snapshot(conn, now=now)
    before, gaps_before = _load(live, snapshot, cases, now)
    after, gaps_after = _load(other, snapshot, cases, now)
    after.subtract(before)
    effects = tuple(
        Effect(organization, change if shown(abs(change)) else None)
        for organization, change in after.most_common()
        if change
    )
    return Outcome(found, effects, (gaps_before, gaps_after))


def _load(
    pathway: Pathway, snapshot: Snapshot, cases: Sequence[AssessmentSubmitted], now: datetime
) -> tuple[Counter[str], int]:
    """Referrals by organization, and gaps, if these cases came in now. Ids are made up and thrown away."""
    numbers = iter(range(10_000_000))
    world = World(pathway, snapshot, now, lambda: f"00000000-0000-7000-8000-{next(numbers):012d}")
    load: Counter[str] = Counter()
    gaps = 0
    for case in cases:
        try:
            planned = planning.plan(world, case)
        except (LookupError, DecisionError, ValueError):
            continue
        for one in planned:
            if one.referral is not None:
                load[one.referral.organization_id] += 1
            else:
                gaps += 1
    return load, gaps
