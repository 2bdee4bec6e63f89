"""Whether invariants hold for every case, and a counter-example where one does not."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product

from services.referral.domain.decisions.bits import bits_of
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.proof.boxes import meet
from services.referral.domain.decisions.proof.findings import Finding, Kind
from services.referral.domain.decisions.proof.invariants import Condition, Demand, Invariant
from services.referral.domain.decisions.proof.rows import MOST_OF_A_KIND
from services.referral.domain.decisions.proof.shapes import Shapes, joined, shapes_of
from services.referral.domain.decisions.proof.space import Region
from services.referral.domain.decisions.table import DecisionTable


def prove_invariants(
    tables: Mapping[str, DecisionTable], invariants: Iterable[Invariant], *, limit: int = MOST_OF_A_KIND
) -> list[Finding]:
    """For every broken invariant up to `limit` counter-examples; an empty list is a proof.

    A finding names the row that breaks the promise, or no row when it is the lack of one that does.
    """
    found: list[Finding] = []
    for invariant in invariants:
        shapes = shapes_of(tables[invariant.table], [invariant.when])
        promise = Promise(shapes, invariant)
        found += islice(promise.broken(), limit)
    return found


class Promise:
    """One invariant over the shapes of its table."""

    def __init__(self, shapes: Shapes, invariant: Invariant) -> None:
        self.shapes = shapes
        self.invariant = invariant
        self.table = shapes.table
        self.many = self.table.policy.many
        self.rows = range(len(self.table.rows))
        self.default = {
            c.name: c.default for c in self.table.outputs if any(o.has_default for o in self.table.outputs)
        }

    def broken(self) -> Iterator[Finding]:
        for demand, condition in self.invariant.demands.items():
            good = [row for row in self.rows if condition.holds_for(self.table.rows[row], self.table.outputs)]
            bad = [row for row in self.rows if row not in set(good)]
            for region in self.regions():
                if demand is Demand.MUST_NOT:
                    yield from self._by_rows(region, good, alone=not self.many)
                    yield from self._by_nothing(region, condition, wanted=False)
                elif demand is Demand.MUST and self.many:
                    yield from self._by_lack(region, good, condition)
                else:
                    yield from self._by_rows(region, bad, alone=True)
                    yield from self._by_nothing(region, condition, wanted=True)

    def regions(self) -> Iterator[Region]:
        """The cases that `when` names."""
        space = self.shapes.space
        choices = [
            space.alternatives(column, cell, takes_unknown=cell.takes_unknown)
            for column in self.table.inputs
            if (cell := self.invariant.when.get(column.name)) is not None
        ]
        for parts in product(*choices):
            region = meet(space.everything, joined(parts))
            if region is not None:
                yield region

    def _by_rows(self, region: Region, rows: Iterable[int], *, alone: bool) -> Iterator[Finding]:
        """Rows that answer, or with `alone` decide, some case of the region."""
        for row in rows:
            better = self._better(row) if alone else 0
            for box in self.shapes.regions(row):
                common = meet(region, dict(enumerate(box)))
                left = common and next(self.shapes.boxes.uncovered(common, better), None)
                if left:
                    yield self._finding(left, (self.table.rows[row].id,))
                    break

    def _better(self, row: int) -> int:
        """The boxes of rows that keep this one from deciding. Under U and A nothing does."""
        if self.table.policy in (HitPolicy.UNIQUE, HitPolicy.ANY):
            return 0
        return self.shapes.ahead[row]

    def _by_nothing(self, region: Region, condition: Condition, *, wanted: bool) -> Iterator[Finding]:
        """A case of the region that no row answers, where the defaults do not do what is wanted."""
        if (wanted and not self._default_is(condition)) or (not wanted and self._default_is(condition)):
            left = next(self.shapes.boxes.uncovered(region, self.shapes.boxes.all), None)
            if left is not None:
                yield self._finding(left, ())

    def _default_is(self, condition: Condition) -> bool:
        return bool(self.default) and condition.holds(self.default, {})

    def _by_lack(self, region: Region, good: list[int], condition: Condition) -> Iterator[Finding]:
        """Cases of the region for which no row does what must be done."""
        for left in self.shapes.boxes.uncovered(region, self.shapes.of(good)):
            if not self._default_is(condition):
                yield self._finding(left, ())
                continue
            for box in bits_of(self.shapes.boxes.touching(left, self.shapes.boxes.all)):
                common = meet(left, self.shapes.boxes.boxes[box])
                if common is not None:
                    yield self._finding(common, ())

    def _finding(self, region: Region, rows: tuple[str, ...]) -> Finding:
        invariant = self.invariant
        details = {
            "invariant": invariant.id,
            "title_es": invariant.title("es"),
            "title_en": invariant.title("en"),
        }
        columns = self.shapes.space.limited(region, self.shapes.universe)
        return Finding(
            Kind.INVARIANT, self.table.name, rows, self.shapes.space.case(region), columns, details
        )
