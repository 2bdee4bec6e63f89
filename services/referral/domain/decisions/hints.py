"""What somebody who wrote the wrong kind of literal probably meant."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from services.referral.domain.decisions.errors import nearest
from services.referral.domain.decisions.values import UNKNOWN, Type, literal

# what spreadsheets in Spanish make of truth values, and what people write for them
SPREADSHEET_WORDS = {
    "verdadero": "true",
    "sí": "true",
    "si": "true",
    "yes": "true",
    "falso": "false",
    "no": "false",
}


def is_of(value: Any, kind: Type) -> bool:
    """Whether a literal is of a type (of a list: one member)."""
    if kind is Type.INTEGER:
        return isinstance(value, Decimal) and value == value.to_integral_value()
    wanted: dict[Type, type] = {Type.NUMBER: Decimal, Type.BOOLEAN: bool, Type.DATE: date}
    return isinstance(value, wanted.get(kind, str))


def hint(value: Any, kind: Type) -> str:
    """How the type would write what is meant, or nothing."""
    if isinstance(value, str) and kind.numeric and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    if isinstance(value, str) and kind is Type.DATE and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f'date("{value}")'
    if isinstance(value, str) and kind is Type.BOOLEAN and value.casefold() in ("true", "false"):
        return value.casefold()
    if kind in (Type.STRING, Type.STRINGS) and not isinstance(value, str):
        return literal(literal(value))
    return ""


def bare(text: str, kind: Type) -> str:
    """The text with the quotes that it lacks."""
    if kind in (Type.STRING, Type.STRINGS) and "(" not in text:
        return ", ".join(literal(word.strip().strip('"')) for word in text.split(","))
    if kind is not Type.BOOLEAN:
        return ""
    word = text.strip().casefold()
    return SPREADSHEET_WORDS.get(word) or nearest(word, ["true", "false", UNKNOWN])
