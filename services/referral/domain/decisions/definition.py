"""What a decision table says: its columns, its rows, and how it decides between them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.values import REQUIRED, UNKNOWN, Range, Type, Value, literal


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
        """Whether a value of the right type is one of the allowed ones; every member of a list must be.

        A list with an unknown member is none: what it lacks nobody could tell from what it has not.
        """
        if isinstance(value, tuple):
            return UNKNOWN not in value and (not self.values or set(value) <= set(self.values))
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
class Definition:
    """A table as written. It never changes."""

    name: str
    policy: HitPolicy
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]
    annotations: tuple[str, ...] = ()

    def row(self, row_id: str) -> Row:
        """The row of this id; raises KeyError."""
        return self.rows[self.positions[row_id]]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {row.id: index for index, row in enumerate(self.rows)}

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
