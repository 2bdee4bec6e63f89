"""The types of a column and the values they hold."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

Value = str | Decimal | bool | date | tuple[str, ...] | None
UNKNOWN = "unknown"
REQUIRED = "required"
MOST_ZEROS = 1000


class Type(StrEnum):
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    STRINGS = "list<string>"

    @property
    def ordered(self) -> bool:
        return self in (Type.NUMBER, Type.INTEGER, Type.DATE)

    @property
    def numeric(self) -> bool:
        return self in (Type.NUMBER, Type.INTEGER)


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two ends; an end of None is open to infinity."""

    low: Any
    high: Any
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def point(cls, value: Any) -> "Range":
        return cls(value, value)

    def __contains__(self, value: Any) -> bool:
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return self.high is None or value < self.high or (not self.high_open and value == self.high)


class WrongTypeError(ValueError):
    """A value that is not of its column's type."""


def kind_of(value: Any) -> str:
    """What kind of thing a value is, never the value itself: it may be personal."""
    if isinstance(value, bool):
        return "boolean"
    kinds = {
        str: "string",
        int: "number",
        float: "number",
        Decimal: "number",
        list: "list",
        tuple: "list",
        dict: "object",
    }
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), type(value).__name__)


def read_input(value: Any, kind: Type) -> Value:
    """A value of a case as its column's type holds it; None means unknown.

    Numbers come as int, Decimal or float (a float counts as the decimal it prints as), dates as `date` or as
    ISO text, lists as any collection of strings. Raises WrongTypeError for anything else.
    """
    if value is None or value == UNKNOWN:
        return None
    if kind.numeric:
        return _number(value, kind)
    if kind is Type.STRING and isinstance(value, str):
        return value
    if kind is Type.BOOLEAN and isinstance(value, bool):
        return value
    if kind is Type.DATE:
        return _date(value)
    if kind is Type.STRINGS:
        return _strings(value)
    raise WrongTypeError


def _number(value: Any, kind: Type) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise WrongTypeError
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or (kind is Type.INTEGER and number != number.to_integral_value()):
        raise WrongTypeError
    return number


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or len(value) != len("2000-01-01"):
        raise WrongTypeError
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise WrongTypeError from error


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise WrongTypeError
    if not all(isinstance(member, str) for member in value):
        raise WrongTypeError
    return tuple(sorted(value)) if isinstance(value, set | frozenset) else tuple(value)


def plain_number(value: Decimal) -> str:
    """A number digit by digit; with an exponent where the zeros would fill pages, which a short text could ask for."""
    return format(value, "f") if abs(value.adjusted()) < MOST_ZEROS else str(value)


def literal(value: Value) -> str:
    """A value as S-FEEL writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    return "[" + ", ".join(literal(member) for member in value) + "]"
