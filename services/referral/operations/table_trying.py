"""Try one case on one table: which rows decide, and what keeps the others from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from services.referral.domain.decisions import Column, DecisionError, DecisionTable
from services.referral.domain.decisions.values import Type
from services.referral.operations.table_views import value_text
from shared.errors import FieldError, Invalid

NEAREST = 12
"""How many rows that almost matched are told one by one."""
SENTENCES: Mapping[str, tuple[str, str]] = {
    "fails": (
        "«{column}» pide {asks} y el caso dice: {says}",
        "“{column}” asks {asks} and the case says: {says}",
    ),
    "fails_unknown": (
        "«{column}» pide {asks} y en el caso no se sabe",
        "“{column}” asks {asks} and the case does not know",
    ),
}
PREFIX = "in_"


def case_of(table: DecisionTable, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The case that a form tells, by input; what was left empty is unknown. Raises Invalid for what is no number."""
    case: dict[str, Any] = {}
    wrong: dict[str, list[FieldError]] = {}
    for column in table.inputs:
        values = [value.strip() for value in sent.get(column.name, ()) if value.strip()]
        try:
            case[column.name] = _value(column, values)
        except InvalidOperation:
            wrong[PREFIX + column.name] = [FieldError("not_a_number", "Escriba un número.")]
    if wrong:
        raise Invalid("Hay datos que no se pueden leer.", fields=wrong)
    return case


def _value(column: Column, values: Sequence[str]) -> Any:
    if column.type is Type.STRINGS:
        return list(values) or None
    if not values:
        return None
    if column.type.numeric:
        return Decimal(values[0])
    return values[0] == "true" if column.type is Type.BOOLEAN else values[0]


def try_table(table: DecisionTable, case: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a table says about a case: `deciding` rows with their answers, `also` rows that match and do not decide, by
    `failed` the first cell that keeps each other row from matching, and `near`: the ids of those that one cell alone
    keeps from it. `error` says why there is no answer. Raises Invalid for a case that cannot be read."""
    try:
        failed = table.failed_cells(case)
    except DecisionError as error:
        wrong = FieldError(error.code, error.message(_tongue(language)))
        field = PREFIX + error.column if error.column else ""
        raise Invalid(wrong.message, code=error.code, fields={field: [wrong]}) from error
    matched = [row.id for row in table.rows if row.id not in failed]
    deciding: Sequence[str] = ()
    said = ""
    try:
        deciding = table.explain(case).deciding
    except DecisionError as error:
        said = error.message(_tongue(language))
    columns = {column.name: column for column in table.inputs}
    return {
        "deciding": [_answer(table, row, language) for row in deciding],
        "also": [_named(table, row, language) for row in matched if row not in deciding],
        "defaults": not deciding and not said and any(one.has_default for one in table.outputs),
        "error": said,
        "failed": {
            row: {"column": cell.column, "sentence": _fails(columns[cell.column], cell, language)}
            for row, cell in failed.items()
        },
        "near": [_named(table, row, language) for row in _near(table, case, failed)],
    }


def _tongue(language: str) -> Any:
    return "en" if language == "en" else "es"


def _near(table: DecisionTable, case: Mapping[str, Any], failed: Mapping[str, Any]) -> list[str]:
    """Rows that a single cell keeps from matching, in the order of the table."""
    masks = table.compiled.columns
    values = [one.read(case.get(one.column.name)) for one in masks]
    found = []
    for row in table.rows:
        if row.id in failed:
            wrong = sum(not cell.holds(value) for cell, value in zip(row.cells, values, strict=True))
            if wrong == 1:
                found.append(row.id)
    return found[:NEAREST]


def _fails(column: Column, cell: Any, language: str) -> str:
    known = cell.value is not None
    says = value_text(column, cell.value, language) if known else ""
    words = SENTENCES["fails" if known else "fails_unknown"][language == "en"]
    return words.format(column=column.title(language), asks=cell.text, says=says)


def _named(table: DecisionTable, row_id: str, language: str) -> dict[str, str]:
    title = "title_en" if language == "en" else "title_es"
    return {"row": row_id, "title": table.row(row_id).annotations.get(title, "")}


def _answer(table: DecisionTable, row_id: str, language: str) -> dict[str, Any]:
    outputs = table.row(row_id).outputs
    return {
        **_named(table, row_id, language),
        "says": [
            (column.title(language), value_text(column, value, language))
            for column, value in zip(table.outputs, outputs, strict=True)
            if value is not None and value != ()
        ],
    }
