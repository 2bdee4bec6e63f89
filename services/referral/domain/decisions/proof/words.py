"""Findings in plain words, in Spanish and English, with the titles of the columns and the names of the codes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import shared.codes
from services.referral.domain.decisions.answers import answer_text
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.messages import Language
from services.referral.domain.decisions.proof.findings import Finding, Kind
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import literal

SENTENCES: Mapping[str, tuple[str, str]] = {
    "gap": ("Ninguna fila atiende a esta persona: {case}.", "No row serves this person: {case}."),
    "gap_unknown": (
        "Nadie previó que no se sepa «{column}» (fila {rows}). Por ejemplo: {case}.",
        "Nobody foresaw that “{column}” may not be known (row {rows}). For instance: {case}.",
    ),
    "conflict": (
        "Las filas {rows} valen para la misma persona: {case}.",
        "Rows {rows} hold for the same person: {case}.",
    ),
    "overlap": (
        "Las filas {rows} responden distinto para la misma persona: {case}.",
        "Rows {rows} answer differently for the same person: {case}.",
    ),
    "dead_row": ("La fila {rows} nunca se cumple.", "Row {rows} can never match."),
    "dead_row_behind": (
        "La fila {rows} nunca decide: siempre se adelantan {others}.",
        "Row {rows} never decides: {others} always come before it.",
    ),
    "unreachable": (
        "En {locality} nadie ofrece {service_type} (filas {rows}).",
        "Nobody in {locality} offers {service_type} (rows {rows}).",
    ),
    "invariant": (
        "Se rompe «{title}»{by}. Por ejemplo: {case}.",
        "“{title}” is broken{by}. For instance: {case}.",
    ),
    "by_row": (" por la fila {rows}", " by row {rows}"),
    "anybody": ("cualquier persona", "anybody"),
    "unknown": ("no se sabe", "not known"),
    "none": ("ninguno", "none"),
    "yes": ("sí", "yes"),
    "no": ("no", "no"),
    "and": (" y ", " and "),
}


def describe(finding: Finding, table: DecisionTable, language: Language = "es") -> str:
    """One sentence that a coordinator understands, with a concrete person where there is one."""
    rows = list(finding.rows)
    values = {"case": describe_case(finding, table, language), "rows": _joined(rows, language), "by": ""}
    key = finding.kind.value
    if finding.kind is Kind.GAP and "column" in finding.details:
        key = "gap_unknown"
        values["column"] = _column(table, finding.details["column"]).title(language)
    elif finding.kind is Kind.DEAD_ROW and len(rows) > 1:
        key = "dead_row_behind"
        values |= {"rows": rows[0], "others": _joined(rows[1:], language)}
    elif finding.kind is Kind.UNREACHABLE:
        values["locality"] = label("localities", finding.details["locality"], language)
        values["service_type"] = label("service_types", finding.details["service_type"], language)
    elif finding.kind is Kind.INVARIANT:
        values["title"] = finding.details[f"title_{language}"]
        values["by"] = _say("by_row", language, rows=values["rows"]) if rows else ""
    return _say(key, language, **values)


def describe_case(finding: Finding, table: DecisionTable, language: Language = "es") -> str:
    """The inputs of the finding's case that matter, as `Título: valor; …`."""
    case = finding.case or {}
    parts = [
        f"{column.title(language)}: {_value(column, case[column.name], language)}"
        for column in table.inputs
        if column.name in case and column.name in finding.columns
    ]
    return "; ".join(parts) or _say("anybody", language)


def label(codes: str, code: str, language: Language) -> str:
    """The name of a code with the code, or the code alone when the list does not hold it."""
    try:
        return f"{shared.codes.load(codes)[code].label(language)} ({code})"
    except (LookupError, KeyError):
        return code


def _value(column: Column, value: Any, language: Language) -> str:
    if value is None:
        return _say("unknown", language)
    if isinstance(value, bool):
        return _say("yes" if value else "no", language)
    if isinstance(value, list | tuple):
        return ", ".join(_value(column, member, language) for member in value) or _say("none", language)
    if isinstance(value, str):
        if column.codes:
            return label(column.codes, value, language)
        return answer_text(value, language)
    return literal(value) if isinstance(value, Decimal) else str(value)


def _column(table: DecisionTable, name: str) -> Column:
    return next(column for column in table.inputs if column.name == name)


def _joined(rows: list[str], language: Language) -> str:
    if len(rows) < 2:
        return "".join(rows)
    return ", ".join(rows[:-1]) + _say("and", language) + rows[-1]


def _say(key: str, language: Language, **values: str) -> str:
    return SENTENCES[key][0 if language == "es" else 1].format(**values)
