"""A decision table: what it is, and what others ask of it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.compiled import CompiledTable
from services.referral.domain.decisions.explanation import Explanation, FailedCell
from services.referral.domain.decisions.outcomes import Result
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.values import REQUIRED, Range, Type, Value, literal


@dataclass(frozen=True)
class Column:
    """An input or an output of a table.

    `values` are the allowed values in their order (first is highest for hit policies P and O), `ranges` the
    allowed spans of an ordered type; both empty means that every value of the type is allowed. `unknown_as` is
    the cautious value that stands for an unknown input; without one, rows must provide for the unknown, or a
    `required` input refuses a case that lacks it. `default` is what an output says when no row matches. `codes`
    names the published code list of the values.
    """

    name: str
    type: Type
    values: tuple[Any, ...] = ()
    ranges: tuple[Range, ...] = ()
    unknown_as: Value = None
    required: bool = False
    default: Value = None
    has_default: bool = False
    title_es: str = ""
    title_en: str = ""
    codes: str = ""

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else self.title_es) or self.name

    def allows(self, value: Value) -> bool:
        """Whether a value of the right type is one of the allowed ones; every member of a list must be."""
        if isinstance(value, tuple):
            return not self.values or set(value) <= set(self.values)
        if self.type.ordered:
            return not self.ranges or any(value in span for span in self.ranges)
        return not self.values or value in self.values

    def described(self) -> dict[str, Any]:
        """The column as plain data, for hashes and differences."""
        return {
            "name": self.name,
            "type": self.type.value,
            "values": [literal(value) for value in self.values],
            "ranges": [str(span) for span in self.ranges],
            "unknown_as": REQUIRED if self.required else literal(self.unknown_as),
            "default": literal(self.default) if self.has_default else "",
            "title_es": self.title_es,
            "title_en": self.title_en,
        }


@dataclass(frozen=True)
class Row:
    """A rule: its stable id, what it asks, what it answers, and what people noted beside it."""

    id: str
    cells: tuple[Cell, ...]
    outputs: tuple[Value, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    output_texts: tuple[str, ...] = ()

    def texts(self) -> list[str]:
        """The row as written: id, inputs, outputs, annotations."""
        written = self.output_texts or tuple(literal(value) for value in self.outputs)
        return [self.id, *(cell.text for cell in self.cells), *written, *self.annotations.values()]


@dataclass(frozen=True)
class DecisionTable:
    """A table with DMN's meaning. It never changes, and may be shared between threads."""

    name: str
    policy: HitPolicy
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]
    annotations: tuple[str, ...] = ()

    def evaluate(self, case: Mapping[str, Any]) -> Result:
        """The answer for a case: input name to value; a missing, None or "unknown" value is unknown.

        Hit policies U, A, P, F give a mapping of outputs (the defaults, or None, when no row matches), R, O and C
        a list of mappings, C+ C< C> C# a mapping of the one output. What is returned belongs to the caller.
        Raises DecisionError: unknown_input, wrong_type, value_not_allowed, not_unique, not_agreed.
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

    def row(self, row_id: str) -> Row:
        """The row of this id; raises KeyError."""
        return self.rows[self.positions[row_id]]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {row.id: index for index, row in enumerate(self.rows)}

    @cached_property
    def compiled(self) -> CompiledTable:
        return CompiledTable(self)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) over everything the table says, annotations and titles included."""
        content: Sequence[Any] = [
            self.name,
            self.policy.value,
            [column.described() for column in self.inputs],
            [column.described() for column in self.outputs],
            list(self.annotations),
            [row.texts() for row in self.rows],
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
