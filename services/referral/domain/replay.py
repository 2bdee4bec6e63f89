"""What if: past cases decided again by other rules, without knowing who anybody was.

A case is a vector of bands and codes. Each of its needs is decided by both sets of rules and matched against the
directory as it is; what differs is told as from → to, with the rows that made the difference. Live against itself
gives no difference; a planted change gives exactly itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.referral.domain.decisions import DecisionError
from services.referral.domain.pathway import NeedDecision, Pathway, PersonCase, decide

SMALLEST_CELL = 5
"""Cells of fewer people are not shown: a small group could be recognised."""
PROTECTIVE = frozenset(
    {"HE_CMR", "SAFE", "GBV_CM", "CP_AUTH", "CP_CM", "ALTCARE", "TIP_CM", "TIP_AUTH", "PS_CRISIS"}
)
"""Routes that no person with a safety flag may lose by a change of rules (proposal, unreviewed)."""
SAFETY_DOMAINS = frozenset({"GBV", "CP", "TIP"})
SAFETY_NEEDS = frozenset({"PRO.SEA", "MHP.SUIC"})


@dataclass(frozen=True, slots=True)
class Route:
    """One decided need: how urgent, and which kinds of help are asked for, in order."""

    priority: str
    services: tuple[str, ...]
    rows: tuple[str, ...]

    def words(self) -> str:
        return f"{self.priority} {' + '.join(self.services) or '–'}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A need that would be decided otherwise. `group` is (need, age band, gender)."""

    need_code: str
    group: tuple[str, str, str]
    before: Route
    after: Route

    @property
    def loses_protection(self) -> bool:
        """Whether a person with a safety flag would no longer get a protective route, or get it later."""
        flagged = self.need_code.partition(".")[0] in SAFETY_DOMAINS or self.need_code in SAFETY_NEEDS
        lost = (set(self.before.services) - set(self.after.services)) & PROTECTIVE
        return flagged and (bool(lost) or self.after.priority > self.before.priority)

    def reasons(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rows that matched only before, and only after."""
        old, new = set(self.before.rows), set(self.after.rows)
        return tuple(sorted(old - new)), tuple(sorted(new - old))


@dataclass(frozen=True)
class Replay:
    """The result: how many needs were decided, what differs, and what stops publishing."""

    cases: int
    needs: int
    differences: tuple[Difference, ...] = ()
    undecided: int = 0
    load: Mapping[str, int] = field(default_factory=dict)

    @property
    def stops(self) -> tuple[Difference, ...]:
        """Differences because of which these rules may not be published."""
        return tuple(one for one in self.differences if one.loses_protection)

    def matrix(self) -> list[tuple[str, str, int | None]]:
        """(from, to, how many), most first; None instead of a number below SMALLEST_CELL."""
        counted = Counter((one.before.words(), one.after.words()) for one in self.differences)
        return [(old, new, shown(count)) for (old, new), count in sorted(counted.items(), key=_most_first)]

    def by_group(self) -> list[tuple[tuple[str, str, str], int | None]]:
        """(need, age band, gender) and how many decisions change, small groups without a number."""
        counted = Counter(one.group for one in self.differences)
        return [(group, shown(count)) for group, count in sorted(counted.items(), key=_most_first)]


def shown(count: int) -> int | None:
    """The count, or None when it is too small to be shown."""
    return count if count >= SMALLEST_CELL else None


def _most_first(item: tuple[object, int]) -> tuple[int, str]:
    return (-item[1], str(item[0]))


def replay(live: Pathway, draft: Pathway, cases: Iterable[PersonCase]) -> Replay:
    """Decide `cases` by both. A case that one of the two cannot decide counts as undecided, and stops nothing."""
    found: list[Difference] = []
    counted = needs = undecided = 0
    load: Counter[str] = Counter()
    for case in cases:
        counted += 1
        try:
            before, after = decide(live, case), decide(draft, case)
        except (LookupError, DecisionError):
            undecided += 1
            continue
        needs += len(before)
        for old, new in zip(before, after, strict=True):
            then, now = _route(old), _route(new)
            load.update(now.services)
            load.subtract(then.services)
            if (then.priority, then.services) != (now.priority, now.services):
                found.append(Difference(old.code, (old.code, case.age_band, case.gender), then, now))
    return Replay(
        counted, needs, tuple(found), undecided, {kind: change for kind, change in load.items() if change}
    )


def _route(decision: NeedDecision) -> Route:
    """Referrals first, then notices to an authority that a person would confirm."""
    asked = [*decision.services, *decision.notices]
    rows = [*decision.reasons, *(route.row_id for route in asked)]
    return Route(f"P{decision.priority}", tuple(route.service for route in asked), tuple(dict.fromkeys(rows)))
