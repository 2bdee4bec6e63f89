"""Gaps, conflicts and dead rows of one table, by subtraction of boxes: exact, without sampling."""

from collections.abc import Iterator, Sequence
from itertools import islice

from services.referral.domain.decisions.bits import bits_of
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.proof.boxes import meet, with_atoms
from services.referral.domain.decisions.proof.findings import Finding, Kind
from services.referral.domain.decisions.proof.shapes import Shapes, Unforeseen, shapes_of
from services.referral.domain.decisions.proof.space import Region
from services.referral.domain.decisions.table import DecisionTable

MOST_OF_A_KIND = 20


def prove(table: DecisionTable, *, overlaps: bool = False, limit: int = MOST_OF_A_KIND) -> list[Finding]:
    """All gaps, conflicts and dead rows, at most `limit` of each kind; an empty list is a proof.

    A gap is a case that no row serves, or in which nobody foresaw that a value is unknown. A conflict is a case for
    two rows that the hit policy U refuses, or that disagree under A; with `overlaps` other tables' rows that share
    a case and answer differently are told as well. A dead row is one that no case ever brings to bear.
    """
    shapes = shapes_of(table)
    found = list(islice(gaps(shapes), limit))
    found += islice(conflicts(shapes, overlaps=overlaps), limit)
    found += islice(dead_rows(shapes), limit)
    return found


def gaps(shapes: Shapes) -> Iterator[Finding]:
    """Cases without a row, unless defaults serve them; then cases that fail on an unknown value."""
    space, table = shapes.space, shapes.table
    if not all(column.has_default for column in table.outputs):
        known = space.all_known
        if all(known):
            for region in shapes.boxes.uncovered(known, shapes.boxes.all):
                yield Finding(
                    Kind.GAP, table.name, case=space.case(region), columns=space.limited(region, known)
                )
    yield from _unforeseen(shapes)


def _unforeseen(shapes: Shapes) -> Iterator[Finding]:
    """One finding for each input whose absence some row leaves open and no matching row names."""
    table, space = shapes.table, shapes.space
    for lack in shapes.may_lack:
        for number in lack.asking:
            regions = (
                with_atoms(region, lack.axis, lack.unknown) for region in shapes.hopeful.regions(number)
            )
            left = next(
                (part for region in regions for part in shapes.boxes.uncovered(region, lack.naming)), None
            )
            if left is not None:
                columns = tuple(dict.fromkeys((lack.column.name, *space.limited(left, space.everything))))
                details = {"column": lack.column.name}
                yield Finding(
                    Kind.GAP, table.name, (table.rows[number].id,), space.case(left), columns, details
                )
                break


def conflicts(shapes: Shapes, *, overlaps: bool = False) -> Iterator[Finding]:
    """Pairs of rows that share a case although the hit policy wants one answer."""
    table = shapes.table
    strict = table.policy in (HitPolicy.UNIQUE, HitPolicy.ANY)
    if not strict and not overlaps:
        return
    kind = Kind.CONFLICT if strict else Kind.OVERLAP
    for first in range(len(table.rows)):
        seen = set()
        for region in shapes.regions(first):
            if not all(region):
                continue
            for box in bits_of(shapes.boxes.touching(region, shapes.boxes.all)):
                second = shapes.owners[box]
                if second > first and second not in seen and _differ(table, first, second):
                    seen.add(second)
                    common = meet(region, shapes.boxes.boxes[box])
                    assert common is not None
                    yield _pair(shapes, kind, (first, second), common)


def _differ(table: DecisionTable, first: int, second: int) -> bool:
    return table.policy is HitPolicy.UNIQUE or table.rows[first].outputs != table.rows[second].outputs


def _pair(shapes: Shapes, kind: Kind, rows: tuple[int, int], region: Region) -> Finding:
    ids = tuple(shapes.table.rows[row].id for row in rows)
    columns = shapes.space.limited(region, shapes.universe)
    return Finding(kind, shapes.table.name, ids, shapes.space.case(region), columns)


def dead_rows(shapes: Shapes) -> Iterator[Finding]:
    """Rows that match no case, and under F and P rows that give way to better ones in every case that is answered."""
    table = shapes.table
    gives_way = table.policy in (HitPolicy.FIRST, HitPolicy.PRIORITY)
    for number, row in enumerate(table.rows):
        regions = [region for region in shapes.regions(number) if all(region)]
        winners = shapes.ahead[number] if gives_way else 0
        if not any(_something(shapes, region, winners) for region in regions):
            rivals = {
                shapes.owners[box]
                for region in regions
                for box in bits_of(shapes.boxes.touching(region, winners))
            }
            ids = (row.id, *(table.rows[rival].id for rival in sorted(rivals)))
            yield Finding(Kind.DEAD_ROW, table.name, ids)


def _something(shapes: Shapes, region: Region, boxes: int) -> bool:
    return any(_answered(shapes, part, shapes.may_lack) for part in shapes.boxes.uncovered(region, boxes))


def _answered(shapes: Shapes, region: Region, lacks: Sequence[Unforeseen]) -> bool:
    """Whether some case of a region is not refused for a value that nobody foresaw as unknown."""
    if not lacks:
        return True
    lack, *others = lacks
    known = region[lack.axis] & ~lack.unknown
    if known and _answered(shapes, with_atoms(region, lack.axis, known), others):
        return True
    if not region[lack.axis] & lack.unknown:
        return False
    without = with_atoms(region, lack.axis, lack.unknown)
    named = (
        meet(without, shapes.boxes.boxes[box]) for box in bits_of(shapes.boxes.touching(without, lack.naming))
    )
    if any(part and _answered(shapes, part, others) for part in named):
        return True
    asking = shapes.hopeful.of(lack.asking)
    return any(_answered(shapes, part, others) for part in shapes.hopeful.boxes.uncovered(without, asking))
