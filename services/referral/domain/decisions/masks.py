"""From a value of one input to the rows whose cell it satisfies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.referral.domain.decisions.bits import bits
from services.referral.domain.decisions.cells import Cell, mentioned
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.errors import DecisionError, nearest
from services.referral.domain.decisions.values import (
    Type,
    Value,
    WrongTypeError,
    kind_of,
    literal,
    read_input,
)

MOST_VALUES_KEPT = 4096


class ColumnMasks(dict[Any, int]):
    """The look-up of one input: value as it comes in a case to rows, in both halves.

    A value that was not seen before is read strictly, computed and kept, up to a limit.
    """

    def __init__(self, column: Column, cells: Sequence[Cell]) -> None:
        super().__init__()
        self.column = column
        self.size = len(cells)
        self.upper = ((1 << self.size) - 1) << self.size
        self.anything = bits(cell.anything for cell in cells)
        self.negated = bits(cell.negated for cell in cells)
        self.forgiving = column.unknown_as is not None
        self.when_unknown = bits(cell.takes_unknown for cell in cells)
        self.naming_unknown = self.when_unknown & ~self.anything
        self.prepare(cells)

    def prepare(self, cells: Sequence[Cell]) -> None:
        raise NotImplementedError

    def naming(self, value: Any) -> int:
        """The rows whose cell names the value, whether negated or not."""
        raise NotImplementedError

    def rows(self, value: Value) -> int:
        """The rows whose cell holds for a value that was read already."""
        if value is None:
            return self.when_unknown
        return self.anything | (self.naming(value) ^ self.negated)

    def read(self, value: Any) -> Value:
        """The value as the column holds it, the cautious one for the unknown. Raises DecisionError."""
        try:
            found = read_input(value, self.column.type)
        except WrongTypeError as error:
            name, kind = self.column.name, self.column.type.value
            raise DecisionError("wrong_type", column=name, type=kind, found=kind_of(value)) from error
        if found is None:
            if self.column.required:
                raise DecisionError("required_input", column=self.column.name)
            return self.column.unknown_as
        if not self.column.allows(found):
            raise self._not_allowed(found)
        return found

    def _not_allowed(self, value: Value) -> DecisionError:
        name = self.column.name
        members = value if isinstance(value, tuple) else ()
        wrong = next((member for member in members if not self.column.allows((member,))), value)
        close = nearest(wrong, map(str, self.column.values)) if isinstance(wrong, str) else ""
        hint = literal(close) if close else ""
        return DecisionError("value_not_allowed", column=name, found=literal(wrong), suggestion=hint)

    def of(self, value: Any) -> int:
        """The rows for a value as it comes in a case, both halves. Raises DecisionError."""
        found = self.read(value)
        rows = self.rows(found)
        return rows | (self.upper if found is None else rows << self.size)

    def __missing__(self, value: Any) -> int:
        return self.kept(value, self.of(value))

    def kept(self, value: Any, mask: int) -> int:
        """The rows of a value, remembered for the next time where that is safe."""
        if len(self) < MOST_VALUES_KEPT and self.keepable(value):
            self[value] = mask
        return mask

    def keepable(self, value: Any) -> bool:
        """Whether a value may stand in the look-up: none that equals a value of another type, as True equals 1."""
        return True


class CodeMasks(ColumnMasks):
    """Strings and booleans: one look-up per code that some cell names."""

    def prepare(self, cells: Sequence[Cell]) -> None:
        self.named = {code: bits(code in cell.values for cell in cells) for code in mentioned(cells)}
        for value in (*self.named, *self.column.values):
            self[value] = self.of(value)
        if self.column.type is Type.BOOLEAN:
            self.update({value: self.of(value) for value in (True, False) if self.column.allows(value)})

    def naming(self, value: Any) -> int:
        return self.named.get(value, 0)

    def keepable(self, value: Any) -> bool:
        return value is None or value.__class__ is str


class ListMasks(ColumnMasks):
    """Lists of codes: a cell names a list when it names any of its members."""

    def prepare(self, cells: Sequence[Cell]) -> None:
        self.named = {code: bits(code in cell.values for cell in cells) for code in mentioned(cells)}

    def naming(self, value: Any) -> int:
        found = 0
        named = self.named
        for member in value:
            found |= named.get(member, 0)
        return found
