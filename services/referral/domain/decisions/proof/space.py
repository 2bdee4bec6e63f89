"""The space of all cases of a table, cut into finitely many pieces that no cell can tell apart.

Every input is an axis. An ordered input is cut at the ends that cells mention, an enumeration into its codes, each
with the unknown as one more piece; pieces that every row and every condition treats alike are one *atom*. A list is
one axis for known or unknown, and one for each code that some cell names: in the list or not. A set of atoms of an
axis is an integer with one bit each, a *region* one such integer for each axis, a *box* only those that limit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from services.referral.domain.decisions.cells import Cell, mentioned
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.feel import points
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import Type

Region = tuple[int, ...]
Box = Mapping[int, int]
KNOWN, ABSENT, PRESENT = 1, 1, 2


@dataclass(frozen=True)
class Axis:
    """`values` holds one value for each atom, the unknown (None) last; `member` is the code of a list's flag."""

    column: Column
    values: tuple[Any, ...]
    member: str | None = None

    @property
    def full(self) -> int:
        return (1 << len(self.values)) - 1

    @property
    def known(self) -> int:
        return sum(1 << index for index, value in enumerate(self.values) if value is not None)


@dataclass
class Space:
    """The axes of a table, and where each input's axes begin."""

    table: DecisionTable
    axes: list[Axis] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)

    @property
    def everything(self) -> Region:
        return tuple(axis.full for axis in self.axes)

    @property
    def all_known(self) -> Region:
        return tuple(axis.known for axis in self.axes)

    def axes_of(self, column: str) -> range:
        begin = self.first[column]
        end = begin
        while end < len(self.axes) and self.axes[end].column.name == column:
            end += 1
        return range(begin, end)

    def alternatives(self, column: Column, cell: Cell, *, takes_unknown: bool) -> list[Box]:
        """The boxes whose union is what a cell admits on its input's axes."""
        if cell.anything:
            return [{}]
        if column.type is Type.STRINGS:
            return self._list_alternatives(column, cell, takes_unknown=takes_unknown)
        at = self.first[column.name]
        axis = self.axes[at]
        atoms = 0
        for index, value in enumerate(axis.values):
            if takes_unknown if value is None else cell.holds(value):
                atoms |= 1 << index
        return [{at: atoms} if atoms != axis.full else {}] if atoms else []

    def _list_alternatives(self, column: Column, cell: Cell, *, takes_unknown: bool) -> list[Box]:
        at = self.first[column.name]
        flags = {self.axes[index].member: index for index in self.axes_of(column.name)}
        unknown: list[Box] = (
            [{at: self.axes[at].full ^ KNOWN}] if takes_unknown and not column.required else []
        )
        if cell.negated:
            return [{at: KNOWN, **{flags[code]: ABSENT for code in sorted(cell.values)}}, *unknown]
        return [*({at: KNOWN, flags[code]: PRESENT} for code in sorted(cell.values)), *unknown]

    def case(self, region: Region) -> dict[str, Any]:
        """One case of a region: for every input the first value that the region allows, a known one if it can."""
        found: dict[str, Any] = {}
        for atoms, axis in zip(region, self.axes, strict=True):
            name = axis.column.name
            value = axis.values[(atoms & -atoms).bit_length() - 1]
            if axis.column.type is not Type.STRINGS:
                found[name] = value
            elif axis.member is None:
                found[name] = [] if atoms & KNOWN else None
            elif atoms == PRESENT and found[name] is not None:
                found[name].append(axis.member)
        return found

    def limited(self, region: Region, universe: Region) -> tuple[str, ...]:
        """The inputs that a region limits, compared with a universe."""
        names = [
            axis.column.name
            for axis, atoms, all_atoms in zip(self.axes, region, universe, strict=True)
            if atoms != all_atoms
        ]
        return tuple(dict.fromkeys(names))


def space_of(table: DecisionTable, conditions: Iterable[Mapping[str, Cell]] = ()) -> Space:
    """The space in which the table's rows, and further conditions on its inputs, are unions of boxes."""
    space = Space(table)
    asked = list(conditions)
    for index, column in enumerate(table.inputs):
        extra = [condition[column.name] for condition in asked if column.name in condition]
        space.first[column.name] = len(space.axes)
        if column.type is Type.STRINGS:
            cells = [*(row.cells[index] for row in table.rows), *extra]
            space.axes.append(Axis(column, ((),) if column.required else ((), None)))
            space.axes += [Axis(column, (False, True), code) for code in sorted(mentioned(cells))]
        else:
            space.axes.append(Axis(column, tuple(_atoms(table, index, extra))))
    return space


def _atoms(table: DecisionTable, index: int, extra: Sequence[Cell]) -> Iterator[Any]:
    """One value for each atom of an input: the first of those that all cells treat alike."""
    column, masks = table.inputs[index], table.compiled.columns[index]
    seen = set()
    cells = [*(row.cells[index] for row in table.rows), *extra]
    for value in candidates(column, cells):
        signature = (masks.rows(value), tuple(cell.holds(value) for cell in extra))
        if signature not in seen:
            seen.add(signature)
            yield value
    if not column.required:
        yield None


def candidates(column: Column, cells: Sequence[Cell]) -> Iterator[Any]:
    """Allowed values of which every allowed value is alike to one."""
    if column.type is Type.BOOLEAN:
        found: Iterable[Any] = (True, False)
    elif column.type is Type.STRING:
        found = column.values or (*sorted(mentioned(cells)), _other(mentioned(cells)))
    else:
        cuts = {*points(span for cell in cells for span in cell.ranges), *points(column.ranges)}
        found = _between(sorted(cuts), column.type)
    return (value for value in found if column.allows(value))


def _other(taken: Iterable[str]) -> str:
    """A text that no cell names."""
    name, known = "otro", set(taken)
    while name in known:
        name += "+"
    return name


def _between(ends: Sequence[Any], kind: Type) -> Iterator[Any]:
    """The ends, and a value of each space before, between and after them."""
    step: Any = timedelta(days=1) if kind is Type.DATE else Decimal(1)
    if not ends:
        yield date(2000, 1, 1) if kind is Type.DATE else Decimal(0)
        return
    for low, high in pairwise(ends):
        yield low
        inside = (low + high) / 2 if kind is Type.NUMBER else low + step
        if inside < high:
            yield inside
    yield ends[-1]
    if ends[-1] != date.max:
        yield ends[-1] + step
    if ends[0] != date.min:
        yield ends[0] - step
