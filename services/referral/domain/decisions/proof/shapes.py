"""The rows of a table as boxes of its space."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.proof.boxes import Boxes
from services.referral.domain.decisions.proof.space import Box, Region, Space, space_of
from services.referral.domain.decisions.table import DecisionTable


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

    def of(self, rows: Iterable[int]) -> int:
        """The boxes of these rows, as a set."""
        wanted = set(rows)
        return sum(1 << number for number, owner in enumerate(self.owners) if owner in wanted)

    def regions(self, row: int) -> list[Region]:
        """The boxes of one row as regions of the universe."""
        return [
            tuple(box.get(axis, atoms) & atoms for axis, atoms in enumerate(self.universe))
            for box, owner in zip(self.boxes.boxes, self.owners, strict=True)
            if owner == row
        ]


def shapes_of(table: DecisionTable, conditions: Iterable[Mapping[str, Cell]] = ()) -> Shapes:
    """The rows as they match."""
    space = space_of(table, conditions)
    return _shapes(space, hopeful=False)


def hopeful_shapes(shapes: Shapes) -> Shapes:
    """The rows as they could match if what is unknown were known."""
    return _shapes(shapes.space, hopeful=True)


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
