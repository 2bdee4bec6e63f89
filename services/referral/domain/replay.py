"""What if: past cases decided again by other rules, without knowing who anybody was.

A case is a vector of bands and codes. Each of its needs is decided by both sets of rules; whatever a person would
notice of the decision (how urgent, by when, which help, in which way, from whom) is compared, and what differs is told
as from → to, with the rows that made the difference. Live against itself gives no difference; a planted change gives
exactly itself.

Nobody may be recognised in the result. A group of fewer than SMALLEST_CELL people has no number, and where age band and
gender would single out such a group they are left out: the changed decisions of those people stand together under the
need alone. What is always told, even of one single person, is the need, from, to and the rows: that is the tables' own
text, it is what a coordinator has to mend, and without place, day, organization, age or gender it points to nobody. A
sum is told in full only when the numbers left out of it are not fewer than SMALLEST_CELL together, so that subtracting
gives nothing away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.referral.domain.decisions import DecisionError
from services.referral.domain.pathway import NeedDecision, Pathway, PersonCase, decide
from services.referral.domain.replay_routes import Detail, Route, details, route_of, undecided

SMALLEST_CELL = 5
"""Cells of fewer people are not shown: a small group could be recognised."""
PROTECTIVE = frozenset(
    {"HE_CMR", "SAFE", "GBV_CM", "CP_AUTH", "CP_CM", "ALTCARE", "TIP_CM", "TIP_AUTH", "PS_CRISIS"}
)
"""Routes that no person with a safety flag may lose by a change of rules (proposal, unreviewed)."""
SAFETY_DOMAINS = frozenset({"GBV", "CP", "TIP"})
SAFETY_NEEDS = frozenset({"PRO.SEA", "MHP.SUIC"})
Group = tuple[str, str | None, str | None]
"""Need, age band, gender; without the last two where they would single somebody out."""
Decisions = tuple[NeedDecision, ...] | None
"""What rules say about the needs of a person; None when they have no answer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A need that would be decided otherwise. `group` is (need, age band, gender)."""

    need_code: str
    group: tuple[str, str, str]
    before: Route
    after: Route

    @property
    def loses_protection(self) -> bool:
        """Whether a person with a safety flag would no longer get a protective route at once, or get it later."""
        lost = (self.before.at_once - self.after.at_once) & PROTECTIVE
        later = self.after.urgency > self.before.urgency
        return flagged(self.need_code) and (bool(lost) or later)

    def reasons(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rows that matched only before, and only after."""
        old, new = set(self.before.rows), set(self.after.rows)
        return tuple(sorted(old - new)), tuple(sorted(new - old))

    def details(self) -> tuple[Detail, ...]:
        """What differs, by aspect."""
        return details(self.before, self.after)

    def words(self) -> tuple[str, str]:
        """From and to. Where urgency and help are the same, what else differs is said as well."""
        before, after = self.before.words(), self.after.words()
        if before != after:
            return before, after
        told = self.details()
        return (
            f"{before} ({'; '.join(f'{one.aspect} {one.before}' for one in told)})",
            f"{after} ({'; '.join(f'{one.aspect} {one.after}' for one in told)})",
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Decisions that change alike, and how many; `count` is None for fewer than SMALLEST_CELL."""

    group: Group
    before: str
    after: str
    details: tuple[Detail, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    loses_protection: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """How many, as far as it may be told. `more`: and fewer than SMALLEST_CELL besides; None: only those."""

    count: int | None
    more: bool = False


@dataclass(frozen=True)
class Replay:
    """The result: how many needs were decided, what differs, and what stops publishing. `undecided` counts cases that
    neither set of rules has an answer for."""

    cases: int
    needs: int
    differences: tuple[Difference, ...] = ()
    undecided: int = 0

    @property
    def stops(self) -> tuple[Difference, ...]:
        """Differences because of which these rules may not be published."""
        return tuple(one for one in self.differences if one.loses_protection)

    def total(self) -> Sum:
        """How many decisions change."""
        return _sum(count for counted in self._alike().values() for count in _named(counted).values())

    def moves(self) -> list[tuple[str, str, Sum]]:
        """(from, to, how many), most first."""
        cells: dict[tuple[str, str], list[int]] = defaultdict(list)
        for change, counted in self._alike().items():
            cells[(change.before, change.after)] += _named(counted).values()
        ordered = sorted(cells.items(), key=lambda item: (-sum(item[1]), item[0]))
        return [(before, after, _sum(counts)) for (before, after), counts in ordered]

    def changes(self) -> list[Change]:
        """Each kind of changed decision with its reason: those that would stop publishing first, then the most
        frequent. Groups too small to be named stand together without age band and gender."""
        found = []
        for change, counted in self._alike().items():
            for group, count in _named(counted).items():
                found.append((count, replace(change, group=group, count=shown(count))))
        found.sort(key=lambda item: (not item[1].loses_protection, -item[0], str(item[1])))
        return [change for _, change in found]

    def by_group(self) -> list[tuple[Group, int | None]]:
        """(need, age band, gender) and how many decisions change; small groups of a need stand together."""
        counted: dict[str, Counter[Group]] = defaultdict(Counter)
        for one in self.differences:
            counted[one.need_code][one.group] += 1
        cells = [item for groups in counted.values() for item in _named(groups).items()]
        return [
            (group, shown(count)) for group, count in sorted(cells, key=lambda one: (-one[1], str(one[0])))
        ]

    def _alike(self) -> dict[Change, Counter[Group]]:
        """Changed decisions that are the same but for the person's age band and gender."""
        found: dict[Change, Counter[Group]] = defaultdict(Counter)
        for one in self.differences:
            change = Change(
                (one.need_code, None, None),
                *one.words(),
                one.details(),
                *one.reasons(),
                one.loses_protection,
                None,
            )
            found[change][one.group] += 1
        return found


def flagged(need_code: str) -> bool:
    """Whether somebody with this need carries a safety flag."""
    return need_code.partition(".")[0] in SAFETY_DOMAINS or need_code in SAFETY_NEEDS


def shown(count: int) -> int | None:
    """The count, or None when it is too small to be shown."""
    return count if count >= SMALLEST_CELL else None


def _named(counted: Counter[Group]) -> dict[Group, int]:
    """Groups large enough to be named, and the rest as one without age band and gender."""
    found: Counter[Group] = Counter()
    for group, count in counted.items():
        found[group if count >= SMALLEST_CELL else (group[0], None, None)] += count
    return found


def _sum(counts: Iterable[int]) -> Sum:
    """Of numbers that stand beside it, each told or left out for being small."""
    every = list(counts)
    told = sum(count for count in every if count >= SMALLEST_CELL)
    left = sum(every) - told
    if left >= SMALLEST_CELL or not left:
        return Sum(told + left)
    return Sum(told or None, more=bool(told))


def decided(pathway: Pathway, case: PersonCase) -> Decisions:
    """What a pathway says about a case; None when it has no answer."""
    try:
        return decide(pathway, case)
    except (LookupError, DecisionError):
        return None


def compared(
    rules: tuple[Pathway, Pathway], case: PersonCase, answers: tuple[Decisions, Decisions]
) -> list[Difference]:
    """What two sets of rules (live, other) say differently about a case. Where one has no answer, the need goes to a
    coordinator: nobody is asked for help."""
    before, after = answers
    if before is None and after is None:
        return []
    if before == after and rules[0].clocks == rules[1].clocks:
        return []
    silent = undecided(case.needs)
    found = []
    for old, new, need in zip(before or silent, after or silent, case.needs, strict=True):
        then, now = route_of(rules[0], old), route_of(rules[1], new)
        if details(then, now):
            found.append(Difference(need.code, (need.code, case.age_band, case.gender), then, now))
    return found


def replay(live: Pathway, draft: Pathway, cases: Iterable[PersonCase]) -> Replay:
    """Decide `cases` by both."""
    tally = Tally()
    for case in cases:
        answers = decided(live, case), decided(draft, case)
        tally.add(case, answers, compared((live, draft), case, answers))
    return tally.result()


@dataclass
class Tally:
    """Counts a replay, case by case."""

    cases: int = 0
    needs: int = 0
    undecided: int = 0
    found: list[Difference] = field(default_factory=list)

    def add(
        self, case: PersonCase, answers: tuple[Decisions, Decisions], differences: list[Difference]
    ) -> None:
        """One more case."""
        self.cases += 1
        if answers == (None, None):
            self.undecided += 1
            return
        self.needs += len(case.needs)
        self.found += differences

    def result(self) -> Replay:
        """The replay so far."""
        return Replay(self.cases, self.needs, tuple(self.found), self.undecided)
