"""From a number or a date to the rows whose cell it satisfies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.feel import points
from services.referral.domain.decisions.masks import CodeMasks, ColumnMasks, ListMasks
from services.referral.domain.decisions.values import Range, Type


class OrderedMasks(ColumnMasks):
    """The ends that cells mention cut the line into places: odd ones are ends, even ones the spaces around them.

    A value finds its place by bisection. Binary numbers are compared with the ends as binary numbers, which is
    exact as long as they differ; where they are equal, and for all that is not plain, the value is read with care.
    """

    def prepare(self, cells: Sequence[Cell]) -> None:
        spans = [*(span for cell in cells for span in cell.ranges), *self.column.ranges]
        self.ends: list[Any] = sorted(set(points(spans)))
        self.floats = [] if self.column.type is Type.DATE else [float(end) for end in self.ends]
        self.odd = {end: 2 * index + 1 for index, end in enumerate(self.ends)}
        self.at = [0] * (2 * len(self.ends) + 1)
        for row, cell in enumerate(cells):
            for place in self._places(cell.ranges):
                self.at[place] |= 1 << row
        ranges = self.column.ranges
        allowed = set(self._places(ranges)) if ranges else range(len(self.at))
        self.masks = [
            self._mask(self.at[place]) if place in allowed else None for place in range(len(self.at))
        ]

    def _places(self, spans: Iterable[Range]) -> Iterable[int]:
        for span in spans:
            first = 0 if span.low is None else self.odd[span.low] + span.low_open
            last = len(self.at) if span.high is None else self.odd[span.high] + (not span.high_open)
            yield from range(first, last)

    def _mask(self, naming: int) -> int:
        rows = self.anything | (naming ^ self.negated)
        return rows | rows << self.size

    def naming(self, value: Any) -> int:
        index = bisect_left(self.ends, value)
        is_end = index < len(self.ends) and self.ends[index] == value
        return self.at[2 * index + is_end]

    def __missing__(self, value: Any) -> int:
        mask = self._plain(value)
        if mask is None:
            mask = self.of(value)
        return self.kept(value, mask)

    def _plain(self, value: Any) -> int | None:
        """The rows for a plain value that is no end, found fast; None where more care is needed."""
        kind = value.__class__
        if kind is int or (kind is float and value - value == 0 and self.column.type is Type.NUMBER):
            ends: list[Any] = self.floats
        elif kind is date or (kind is Decimal and value.is_finite() and self.column.type is Type.NUMBER):
            ends = self.ends
        else:
            return None
        if (kind is date) != (self.column.type is Type.DATE):
            return None
        index = bisect_left(ends, value)
        if index < len(ends) and ends[index] == value:
            return None
        return self.masks[2 * index]

    def keepable(self, value: Any) -> bool:
        return value not in (0, 1)


def masks_of(column: Column, cells: Sequence[Cell]) -> ColumnMasks:
    """The look-up that fits a column's type."""
    if column.type.ordered:
        return OrderedMasks(column, cells)
    return ListMasks(column, cells) if column.type is Type.STRINGS else CodeMasks(column, cells)
