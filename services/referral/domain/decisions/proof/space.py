"""The space of all cases of a table, cut into finitely many pieces that no cell can tell apart.

Every input is an axis. An ordered input is cut at the ends that cells mention, an enumeration into its codes, each
with the unknown as one more piece; pieces that every row and every condition treats alike are one *atom*. A list is
one axis for known or unknown, and one for each code that some cell names: in the list or not. A set of atoms of an
axis is an integer with one bit each, a *region* one such integer for each axis, a *box* only those that limit.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from services.referral.domain.decisions.cells import Cell, mentioned
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.feel import points
from services.referral.domain.decisions.outcomes import EXACT
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import Range, Type

Region = tuple[int, ...]
Box = Mapping[int, int]
KNOWN, ABSENT, PRESENT = 1, 1, 2


@dataclass(frozen=True)
class Axis:
    """`values` holds one value for each atom, in order where there is one, the unknown (None) last.

    `places` says for every code in which atom it lies, `member` is the code of a list's flag. `unlikely` are atoms
    that a concrete case takes only when there is no other: values before the first end.
    """

    column: Column
    values: tuple[Any, ...]
    member: str | None = None
    places: Mapping[Any, int] = field(default_factory=dict)
    unlikely: int = 0

    @cached_property
    def full(self) -> int:
        return (1 << len(self.values)) - 1

    @cached_property
    def known(self) -> int:
        return sum(1 << index for index, value in enumerate(self.values) if value is not None)

    def atoms(self, cell: Cell, *, takes_unknown: bool) -> int:
        """The atoms whose values a cell admits."""
        named = 0
        for code in cell.values:
            named |= 1 << self.places[code] if code in self.places else 0
        for span in cell.ranges:
            named |= self._atoms_in(span)
        unknown = self.full ^ self.known if takes_unknown else 0
        return (self.known & ~named if cell.negated else named) | unknown

    def _atoms_in(self, span: Range) -> int:
        count = self.known.bit_length()
        first, last = 0, count
        if span.low is not None:
            first = (bisect_right if span.low_open else bisect_left)(self.values, span.low, 0, count)
        if span.high is not None:
            last = (bisect_left if span.high_open else bisect_right)(self.values, span.high, 0, count)
        return ((1 << last) - 1) & ~((1 << first) - 1)

    def pick(self, atoms: int) -> Any:
        """The value of one of these atoms, a likely one if there is any."""
        atoms = atoms & ~self.unlikely or atoms
        return self.values[(atoms & -atoms).bit_length() - 1]


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
        atoms = self.axes[at].atoms(cell, takes_unknown=takes_unknown)
        return [{at: atoms} if atoms != self.axes[at].full else {}] if atoms else []

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
            if axis.column.type is not Type.STRINGS:
                found[name] = axis.pick(atoms)
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
            space.axes.append(_axis(table, index, extra))
    return space


def _axis(table: DecisionTable, index: int, extra: Sequence[Cell]) -> Axis:
    """An input's atoms: values that all rows and conditions treat alike are one, shown by the first of them."""
    column, masks = table.inputs[index], table.compiled.columns[index]
    cells = [*(row.cells[index] for row in table.rows), *extra]
    atoms: dict[Any, int] = {}
    places: dict[Any, int] = {}
    shown: list[Any] = []
    for value in candidates(column, cells):
        signature = (masks.rows(value), *(cell.holds(value) for cell in extra))
        if signature not in atoms:
            atoms[signature] = len(atoms)
            shown.append(value)
        places[value] = atoms[signature]
    cuts = [end for cell in cells for end in points(cell.ranges)]
    unlikely = 1 if column.type.ordered and cuts and not column.ranges and shown[0] < min(cuts) else 0
    return Axis(
        column,
        (*shown, *([] if column.required else [None])),
        places={} if column.type.ordered else places,
        unlikely=unlikely,
    )


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
    """The ends, and a value of each space before, between and after them, in order."""
    if not ends:
        yield date(2000, 1, 1) if kind is Type.DATE else Decimal(0)
        return
    if ends[0] != date.min:
        yield _moved(ends[0], -1)
    for low, high in pairwise(ends):
        yield low
        inside = EXACT.divide(EXACT.add(low, high), Decimal(2)) if kind is Type.NUMBER else _moved(low, 1)
        if inside < high:
            yield inside
    yield ends[-1]
    if ends[-1] != date.max:
        yield _moved(ends[-1], 1)


def _moved(value: Any, steps: int) -> Any:
    """The value a day or a whole number further on, to the last digit."""
    return value + timedelta(days=steps) if isinstance(value, date) else EXACT.add(value, Decimal(steps))
