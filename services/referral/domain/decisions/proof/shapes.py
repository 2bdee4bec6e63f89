"""The rows of a table as boxes of its space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from operator import or_

from services.referral.domain.decisions.bits import bits_of
from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.outcomes import rows_ranked
from services.referral.domain.decisions.proof.boxes import Boxes
from services.referral.domain.decisions.proof.space import Box, Region, Space, space_of
from services.referral.domain.decisions.table import DecisionTable


@dataclass(frozen=True)
class Unforeseen:
    """An input that may be unknown: its axis and atom there, the rows that ask about it, and the boxes that name it.

    A case without the input is refused where one of those rows could hold, unless one of those boxes does.
    """

    column: Column
    axis: int
    unknown: int
    asking: Sequence[int]
    naming: int


@dataclass(frozen=True)
class Shapes:
    """All rows' boxes with the row each belongs to. A row with "any of" over a list has several."""

    space: Space
    boxes: Boxes
    owners: tuple[int, ...]
    universe: Region

    @property
    def table(self) -> DecisionTable:
        return self.space.table

    @cached_property
    def of_row(self) -> list[int]:
        """For every row its boxes, as a set."""
        found = [0] * len(self.table.rows)
        for number, owner in enumerate(self.owners):
            found[owner] |= 1 << number
        return found

    @cached_property
    def ahead(self) -> list[int]:
        """For every row the boxes of the rows that the hit policy prefers to it."""
        ranks = rows_ranked(self.table)
        found, seen = [0] * len(ranks), 0
        for row in sorted(range(len(ranks)), key=ranks.__getitem__):
            found[row] = seen
            seen |= self.of_row[row]
        return found

    @cached_property
    def hopeful(self) -> Shapes:
        """The rows as they could match if what is unknown were known."""
        return _shapes(self.space, hopeful=True)

    @cached_property
    def may_lack(self) -> list[Unforeseen]:
        """What can be wrong with an unknown value, for every input that may be unknown and has no cautious value."""
        found = []
        for index, column in enumerate(self.table.inputs):
            if not column.required and column.unknown_as is None:
                axis = self.space.first[column.name]
                cells = [row.cells[index] for row in self.table.rows]
                naming = (n for n, cell in enumerate(cells) if cell.takes_unknown and not cell.anything)
                asking = [n for n, cell in enumerate(cells) if not cell.takes_unknown]
                unknown = 1 << (len(self.space.axes[axis].values) - 1)
                found.append(Unforeseen(column, axis, unknown, asking, self.of(naming)))
        return found

    def of(self, rows: Iterable[int]) -> int:
        """The boxes of these rows, as a set."""
        return reduce(or_, (self.of_row[row] for row in rows), 0)

    def regions(self, row: int) -> list[Region]:
        """The boxes of one row as regions of the universe."""
        return [
            tuple(box.get(axis, atoms) & atoms for axis, atoms in enumerate(self.universe))
            for box in (self.boxes.boxes[number] for number in bits_of(self.of_row[row]))
        ]


def shapes_of(table: DecisionTable, conditions: Iterable[Mapping[str, Cell]] = ()) -> Shapes:
    """The rows as they match."""
    space = space_of(table, conditions)
    return _shapes(space, hopeful=False)


def _shapes(space: Space, *, hopeful: bool) -> Shapes:
    boxes, owners = [], []
    for number, row in enumerate(space.table.rows):
        choices = []
        for column, cell in zip(space.table.inputs, row.cells, strict=True):
            unknown = takes_unknown(column, cell) or (hopeful and column.unknown_as is None)
            choices.append(space.alternatives(column, cell, takes_unknown=unknown))
        for parts in product(*choices):
            boxes.append(joined(parts))
            owners.append(number)
    universe = space.everything
    return Shapes(space, Boxes(boxes, universe), tuple(owners), universe)


def takes_unknown(column: Column, cell: Cell) -> bool:
    """Whether a cell of a row holds when its input is unknown, with the column's cautious value."""
    return cell.takes_unknown if column.unknown_as is None else cell.holds(column.unknown_as)


def joined(parts: Iterable[Box]) -> Box:
    """One box out of boxes on different axes."""
    found: dict[int, int] = {}
    for part in parts:
        found.update(part)
    return found
