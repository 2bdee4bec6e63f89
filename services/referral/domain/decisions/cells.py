"""What the input cells of a table mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.referral.domain.decisions.values import Range, Value


@dataclass(frozen=True, slots=True)
class Cell:
    """One parsed input cell: a set of values, written as codes or ranges, taken as is or negated.

    `anything` is `-`. `unknown` says that the cell names the unknown; a negated cell never holds for an unknown
    value, because nobody can say that what is not known is not this.
    """

    text: str
    anything: bool = False
    negated: bool = False
    unknown: bool = False
    values: frozenset[Any] = frozenset()
    ranges: tuple[Range, ...] = ()

    def holds(self, value: Value) -> bool:
        """Whether a value (None: unknown; a tuple: any of its members) satisfies the cell. The plain meaning."""
        if self.anything:
            return True
        if value is None:
            return self.unknown and not self.negated
        return self.negated != self._names(value)

    def _names(self, value: Value) -> bool:
        if isinstance(value, tuple | list):
            return not self.values.isdisjoint(value)
        return value in self.values or any(value in span for span in self.ranges)

    @property
    def takes_unknown(self) -> bool:
        return self.anything or (self.unknown and not self.negated)


ANYTHING = Cell("-", anything=True)


def mentioned(cells: Iterable[Cell]) -> frozenset[Any]:
    """Every code that some cell names."""
    return frozenset().union(*(cell.values for cell in cells))
