"""The fast evaluator: every cell becomes one bit.

A row is a bit in an integer. For each input there is a look-up from a value to the rows whose cell it satisfies;
a case is decided by ANDing one integer per input. Each integer has two halves: the lower holds the rows that
match, the upper the rows that could still match if unknown values were known. Where the halves differ, some row
hangs on something that nobody knows, and only then a closer look is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from services.referral.domain.decisions.errors import DecisionError
from services.referral.domain.decisions.explanation import Explanation, FailedCell
from services.referral.domain.decisions.masks import ColumnMasks, masks_of
from services.referral.domain.decisions.outcomes import Outcome, Policy, Result
from services.referral.domain.decisions.values import UNKNOWN, Type

if TYPE_CHECKING:
    from services.referral.domain.decisions.table import DecisionTable

MOST_OUTCOMES_KEPT = 4096


class CompiledTable:
    """A table ready to decide. Thread-safe: what it caches never changes an answer."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.size = len(table.rows)
        self.lower = (1 << self.size) - 1
        self.full = self.lower | self.lower << self.size
        self.columns: list[ColumnMasks] = [
            masks_of(column, [row.cells[index] for row in table.rows])
            for index, column in enumerate(table.inputs)
        ]
        self.names = [column.name for column in table.inputs]
        self.keyed = self._of(Type.STRING, Type.DATE)
        self.numbers = self._of(Type.NUMBER, Type.INTEGER)
        self.booleans = self._of(Type.BOOLEAN)
        self.lists = self._of(Type.STRINGS)
        self.policy = Policy(table)
        self.outcomes: dict[int, Outcome] = {}

    def _of(self, *kinds: Type) -> tuple[tuple[str, ColumnMasks], ...]:
        return tuple((masks.column.name, masks) for masks in self.columns if masks.column.type in kinds)

    def evaluate(self, case: Mapping[str, Any]) -> Result:
        matched = self.matching(case)
        return (self.outcomes.get(matched) or self.outcome(matched)).answer()

    def evaluate_batch(self, cases: Iterable[Mapping[str, Any]]) -> list[Result]:
        matching, outcomes, outcome = self.matching, self.outcomes, self.outcome
        return [(outcomes.get(matched) or outcome(matched)).answer() for matched in map(matching, cases)]

    def matching(self, case: Mapping[str, Any]) -> int:
        """The rows that match, one bit each. Raises DecisionError for a case that cannot be read."""
        get = case.get
        found = self.full
        try:
            for name, masks in self.keyed:
                found &= masks[get(name)]
            for name, masks in self.numbers:
                value = get(name)
                found &= masks[value] if value.__class__ is not bool else masks.__missing__(value)
            for name, masks in self.booleans:
                value = get(name)
                if value is True or value is False or value is None:
                    found &= masks[value]
                else:
                    found &= masks.__missing__(value)
            for name, masks in self.lists:
                value = get(name)
                found &= masks[tuple(value) if value.__class__ is list else value]
        except TypeError:
            found = self._slowly(case)
        matched = found & self.lower
        if found >> self.size != matched:
            self._refuse_unforeseen(case, found >> self.size)
        return matched

    def _slowly(self, case: Mapping[str, Any]) -> int:
        """As `matching` where a value cannot be a key: an unhashable one of another type, or a set."""
        found = self.full
        for masks in self.columns:
            found &= masks.__missing__(case.get(masks.column.name))
        return found

    def _refuse_unforeseen(self, case: Mapping[str, Any], candidates: int) -> None:
        """Raises unknown_input when rows test a value that is unknown, and none of them names the unknown."""
        for masks in self.columns:
            if not masks.forgiving and case.get(masks.column.name) in (None, UNKNOWN):
                hanging = candidates & ~masks.when_unknown
                if hanging and not candidates & masks.naming_unknown:
                    raise DecisionError("unknown_input", column=masks.column.name)

    def outcome(self, matched: int) -> Outcome:
        """What follows when these rows match; kept, because few sets of rows ever occur."""
        known = self.outcomes.get(matched)
        if known is None:
            known = self.policy.outcome([row for row in range(self.size) if matched >> row & 1])
            if len(self.outcomes) < MOST_OUTCOMES_KEPT:
                self.outcomes[matched] = known
        return known

    def explain(self, case: Mapping[str, Any]) -> Explanation:
        matched = self.matching(case)
        outcome = self.outcomes.get(matched) or self.outcome(matched)
        get = case.get
        used = {name: get(name) for name in self.names}
        assumed: tuple[str, ...] = ()
        if None in used.values() or UNKNOWN in used.values():
            assumed = self._assume(used)
        return Explanation(outcome.answer(), outcome.matched, outcome.deciding, used, assumed)

    def _assume(self, used: dict[str, Any]) -> tuple[str, ...]:
        """Puts the cautious values in place of the unknown, and says where."""
        assumed = []
        for masks in self.columns:
            name = masks.column.name
            if used[name] is None or used[name] == UNKNOWN:
                used[name] = masks.column.unknown_as
                if masks.forgiving:
                    assumed.append(name)
        return tuple(assumed)

    def failed_cells(self, case: Mapping[str, Any]) -> dict[str, FailedCell]:
        matched = self.matching(case)
        values = [masks.read(case.get(masks.column.name)) for masks in self.columns]
        failed = {}
        for index, row in enumerate(self.table.rows):
            if not matched >> index & 1:
                for name, cell, value in zip(self.names, row.cells, values, strict=True):
                    if not cell.holds(value):
                        failed[row.id] = FailedCell(name, cell.text, value)
                        break
        return failed
