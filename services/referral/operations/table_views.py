"""One rule table as people read it: its columns explained, and its rows with what was found about each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.referral.domain.decisions import Column, DecisionTable
from services.referral.domain.decisions.answers import answer_text
from services.referral.domain.decisions.grids import Grid, read_csv
from services.referral.domain.decisions.messages import Language
from services.referral.domain.decisions.ranges import range_text
from services.referral.domain.decisions.values import Type, literal
from shared import codes

ROWS_NAMED = re.compile(r" \((?:filas?|rows?) [^()]*\)")
ASKS, ANSWERS_WITH, NOTES = "input", "output", "annotation"


def read_grid(content: str, table: str) -> Grid:
    """The cells of a table's text with their row numbers, every row as wide as the header. Raises TableErrors."""
    found = read_csv(content.encode(), f"{table}.csv")
    width = len(found.header)
    rows = tuple((number, (*cells, *[""] * (width - len(cells)))) for number, cells in found.rows)
    return Grid(found.file, rows)


def columns_of(table: DecisionTable, language: str) -> list[dict[str, Any]]:
    """Every column after the id: `header` as the file writes it, `title`, `role` (input, output, annotation), `kind`,
    `values` as (literal, name) pairs, `ranges`, and `unknown`: what an unknown answer counts as, or None."""
    found = [_column(column, ASKS, language) for column in table.inputs]
    found += [_column(column, ANSWERS_WITH, language) for column in table.outputs]
    notes = (
        {"name": name, "header": f"# {name}", "title": name, "role": NOTES, "kind": "string"}
        for name in table.annotations
    )
    empty: dict[str, Any] = {"values": [], "ranges": "", "unknown": None, "required": False}
    return [*found, *({**empty, **one} for one in notes)]


def _column(column: Column, role: str, language: str) -> dict[str, Any]:
    mark = "-> " if role == ANSWERS_WITH else ""
    unknown = column.unknown_as
    return {
        "name": column.name,
        "header": f"{mark}{column.name}:{column.type.value}",
        "title": column.title(language),
        "role": role,
        "kind": column.type.value,
        "values": [(one, value_text(column, one, language)) for one in _codes(column)],
        "ranges": ", ".join(range_text(span) for span in column.ranges),
        "unknown": None if unknown is None else value_text(column, unknown, language),
        "required": column.required,
    }


def _codes(column: Column) -> Sequence[str]:
    if column.type is Type.BOOLEAN:
        return ("true", "false")
    return [str(one) for one in column.values]


def value_text(column: Column, value: Any, language: str) -> str:
    """One value of a column by its published name, the value itself where there is none."""
    tongue: Language = "en" if language == "en" else "es"
    if value is None:
        return answer_text("unknown", tongue)
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(value_text(column, one, language) for one in value) or (
            "none" if tongue == "en" else "ninguno"
        )
    if not isinstance(value, str):
        return literal(value)
    if column.codes:
        known = codes.load(column.codes).get(value)
        return known.label(language) if known is not None else value
    return answer_text(value, tongue)


def rows_beside(
    grid: Grid, findings: Iterable[Mapping[str, Any]], problems: Iterable[Mapping[str, Any]], language: str
) -> list[dict[str, Any]]:
    """The rows below the header, each with its id, title, cells, the findings that name it and the mistakes in it."""
    by_row: dict[str, list[dict[str, Any]]] = {}
    for one in findings:
        for row in one["beside"]:
            by_row.setdefault(row, []).append({**one, "short": ROWS_NAMED.sub("", one["sentence"])})
    wrong: dict[int, list[Mapping[str, Any]]] = {}
    for problem in problems:
        wrong.setdefault(problem["row"], []).append(problem)
    title_at = _title_at(grid.header, language)
    return [
        {
            "index": index,
            "number": number,
            "id": cells[0].strip(),
            "title": cells[title_at] if title_at is not None else "",
            "cells": cells,
            "findings": by_row.get(cells[0].strip(), []),
            "problems": wrong.get(number, []),
        }
        for index, (number, cells) in enumerate(grid.body)
    ]


def _title_at(header: Sequence[str], language: str) -> int | None:
    names = [text.lstrip("# ").strip() for text in header]
    wanted = f"title_{'en' if language == 'en' else 'es'}"
    return names.index(wanted) if wanted in names else None


def changed_cells(stored: Grid, typed: Grid) -> list[tuple[str, str, str, str]]:
    """(row id, column, stored, typed) of each cell that differs, by row id and column; a row that only one of the two
    has is told by its id alone."""
    before, after = _by_id(stored), _by_id(typed)
    found = []
    for row_id in dict.fromkeys((*before, *after)):
        old, new = before.get(row_id), after.get(row_id)
        if old is None or new is None:
            found.append((row_id, "", "" if old is None else row_id, "" if new is None else row_id))
        else:
            found += [
                (row_id, name, old.get(name, ""), new.get(name, ""))
                for name in dict.fromkeys((*old, *new))
                if old.get(name, "") != new.get(name, "")
            ]
    return found


def _by_id(grid: Grid) -> dict[str, dict[str, str]]:
    return {cells[0].strip(): dict(zip(grid.header, cells, strict=False)) for _, cells in grid.body}
