"""Why a table answered as it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.outcomes import Outcome, Result
from services.referral.domain.decisions.values import UNKNOWN, Value, read_input


class FailedCell(NamedTuple):
    """The first cell of a row that a case fails; `value` is None where it stayed unknown."""

    column: str
    text: str
    value: Value


class Explanation:
    """A decision with its reasons. It keeps a copy of the case, and works out what is asked of it."""

    __slots__ = ("_inputs", "_outcome", "_values")

    def __init__(self, outcome: Outcome, inputs: Sequence[Column], case: Mapping[str, Any]) -> None:
        self._outcome = outcome
        self._inputs = inputs
        self._values = {**case}

    @property
    def result(self) -> Result:
        """What `evaluate` gives, a fresh copy each time."""
        return self._outcome.answer()

    @property
    def matched(self) -> tuple[str, ...]:
        """Ids of all rows that match, in the order of the table."""
        return self._outcome.matched

    @property
    def deciding(self) -> tuple[str, ...]:
        """Ids of the rows behind the answer, in its order: for R, O and C one for each entry of `result`.

        Empty when the defaults answered.
        """
        return self._outcome.deciding

    @property
    def inputs_used(self) -> dict[str, Value]:
        """Every input of the table as it was read, with the cautious values; None where it stayed unknown."""
        found = {}
        for column in self._inputs:
            value = read_input(self._values.get(column.name), column.type)
            found[column.name] = column.unknown_as if value is None else value
        return found

    @property
    def assumed(self) -> tuple[str, ...]:
        """The inputs that were unknown and counted as the cautious value of their column."""
        return tuple(
            column.name
            for column in self._inputs
            if column.unknown_as is not None and self._values.get(column.name) in (None, UNKNOWN)
        )

    def __repr__(self) -> str:
        return f"Explanation({self.result!r}, matched={self.matched!r}, deciding={self.deciding!r})"
