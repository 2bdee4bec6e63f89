"""The fast evaluator: every cell becomes one bit.

A row is a bit in an integer. For each input there is a look-up from a value to the rows whose cell it satisfies;
a case is decided by ANDing one integer per input. Each integer has two halves: the lower holds the rows that
match, the upper the rows that could still match if unknown values were known. Where the halves differ, some row
hangs on something that nobody knows, and only then a closer look is needed. What follows from the rows that are
left is worked out once and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

from services.referral.domain.decisions.bits import bits_of
from services.referral.domain.decisions.definition import Definition
from services.referral.domain.decisions.errors import DecisionError
from services.referral.domain.decisions.explanation import Explanation, FailedCell
from services.referral.domain.decisions.masks import ColumnMasks
from services.referral.domain.decisions.ordered import masks_of
from services.referral.domain.decisions.outcomes import Outcome, Policy, Result
from services.referral.domain.decisions.unrolled import unrolled
from services.referral.domain.decisions.values import UNKNOWN

MOST_OUTCOMES_KEPT = 4096


class Outcomes(dict[int, Outcome]):
    """What follows from a set of rows, both halves; kept up to a limit, because few sets ever occur."""

    def __init__(self, policy: Policy, size: int) -> None:
        super().__init__()
        self.policy = policy
        self.size = size

    def __missing__(self, found: int) -> Outcome:
        candidates = found >> self.size
        matched = found & ((1 << self.size) - 1)
        outcome = self.policy.outcome(list(bits_of(matched)))
        outcome.rows = matched
        outcome.hanging = candidates if candidates != matched else 0
        if len(self) < MOST_OUTCOMES_KEPT:
            self[found] = outcome
        return outcome


class CompiledTable:
    """A table ready to decide. Thread-safe: what it keeps never changes an answer."""

    def __init__(self, table: Definition) -> None:
        self.table = table
        self.size = len(table.rows)
        self.all = (1 << 2 * self.size) - 1
        self.columns: tuple[ColumnMasks, ...] = tuple(
            masks_of(column, [row.cells[index] for row in table.rows])
            for index, column in enumerate(table.inputs)
        )
        self.found = unrolled(self.columns, self.all, self._slowly)
        self.outcomes = Outcomes(Policy(table), self.size)

    def evaluate(self, case: Mapping[str, Any]) -> Result:
        outcome = self.outcomes[self.found(case)]
        if outcome.hanging:
            self._refuse_unforeseen(case, outcome)
        result = outcome.result
        return result.copy() if result.__class__ is dict else outcome.answer()

    def _slowly(self, case: Mapping[str, Any]) -> int:
        """The rows that match and, in the upper half, those that could. Raises DecisionError."""
        return reduce(and_, (masks.of(case.get(masks.column.name)) for masks in self.columns), self.all)

    def _refuse_unforeseen(self, case: Mapping[str, Any], outcome: Outcome) -> None:
        """Raises unknown_input when rows test a value that is unknown, and no matching row names the unknown."""
        for masks in self.columns:
            if not masks.forgiving and case.get(masks.column.name) in (None, UNKNOWN):
                open_rows = outcome.hanging & ~masks.when_unknown
                if open_rows and not outcome.rows & masks.naming_unknown:
                    raise DecisionError("unknown_input", column=masks.column.name)

    def explain(self, case: Mapping[str, Any]) -> Explanation:
        outcome = self.outcomes[self.found(case)]
        if outcome.hanging:
            self._refuse_unforeseen(case, outcome)
        if outcome.error is not None:
            outcome.answer()
        return Explanation(outcome, self.table.inputs, case)

    def failed_cells(self, case: Mapping[str, Any]) -> dict[str, FailedCell]:
        matched = self.outcomes[self.found(case)].matched
        values = [masks.read(case.get(masks.column.name)) for masks in self.columns]
        failed = {}
        for row in self.table.rows:
            if row.id not in matched:
                for column, cell, value in zip(self.table.inputs, row.cells, values, strict=True):
                    if not cell.holds(value):
                        failed[row.id] = FailedCell(column.name, cell.text, value)
                        break
        return failed
