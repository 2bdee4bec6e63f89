"""A decision table: what it is, and what others ask of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.referral.domain.decisions.compiled import CompiledTable
from services.referral.domain.decisions.definition import Definition
from services.referral.domain.decisions.explanation import Explanation, FailedCell
from services.referral.domain.decisions.outcomes import Result


@dataclass(frozen=True)
class DecisionTable(Definition):
    """A table with DMN's meaning. It never changes, and may be shared between threads."""

    def evaluate(self, case: Mapping[str, Any]) -> Result:
        """The answer for a case: input name to value; a missing, None or "unknown" value is unknown.

        Hit policies U, A, P, F give a mapping of outputs (the defaults, or None, when no row matches), R, O and C
        a list of mappings, C+ C< C> C# a mapping of the one output. What is returned belongs to the caller.
        Raises DecisionError: required_input, unknown_input, wrong_type, value_not_allowed, not_unique, not_agreed.
        """
        return self.compiled.evaluate(case)

    def evaluate_batch(self, cases: Iterable[Mapping[str, Any]]) -> list[Result]:
        """The answers for many cases, in their order; raises DecisionError at the first that has none."""
        return [self.compiled.evaluate(case) for case in cases]

    def explain(self, case: Mapping[str, Any]) -> Explanation:
        """The answer with the rows behind it. Raises DecisionError as `evaluate` does."""
        return self.compiled.explain(case)

    def failed_cells(self, case: Mapping[str, Any]) -> dict[str, FailedCell]:
        """For every row that does not match: its first cell that the case fails."""
        return self.compiled.failed_cells(case)

    @cached_property
    def compiled(self) -> CompiledTable:
        return CompiledTable(self)
