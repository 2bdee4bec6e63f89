"""What a proof found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    GAP = "gap"
    CONFLICT = "conflict"
    OVERLAP = "overlap"
    DEAD_ROW = "dead_row"
    UNREACHABLE = "unreachable"
    INVARIANT = "invariant"


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a table, with a case that shows it.

    `rows` are the ids of the rows concerned, in order; `case` is a complete case (input name to value, None for
    unknown), absent where none can exist; `columns` are the inputs of it that matter. `details` holds what the kind
    adds: a gap over an unknown value `column`; an unreachable outcome `service_type` and `locality`; a broken
    invariant `invariant`, `title_es`, `title_en`.
    """

    kind: Kind
    table: str
    rows: tuple[str, ...] = ()
    case: Mapping[str, Any] | None = None
    columns: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
