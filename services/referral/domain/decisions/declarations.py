"""`columns.csv`: what every column of every table of a pathway is, in one place."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shared.codes
from services.referral.domain.decisions.definition import Column
from services.referral.domain.decisions.errors import CellError, Problem, TableErrors, nearest
from services.referral.domain.decisions.feel import points, read_literal, read_tests
from services.referral.domain.decisions.grids import Grid
from services.referral.domain.decisions.values import REQUIRED, UNKNOWN, Range, Type, Value, literal

HEADER = ("table", "column", "type", "role", "values", "unknown_as", "default", "title_es", "title_en")
INPUT, OUTPUT, ANNOTATION = ROLES = ("input", "output", "annotation")

MOST_NAMED = 6  # where nothing is close, that few allowed codes are all named

Vocabulary = Callable[[str], Sequence[str]]


def published_codes(name: str) -> Sequence[str]:
    """The codes of a published list, in its order; raises LookupError for a list that does not exist."""
    return tuple(shared.codes.load(name))


@dataclass(frozen=True)
class Declared:
    """One line of columns.csv."""

    column: Column
    role: str
    row: int


Declarations = Mapping[str, Mapping[str, Declared]]


def read_type(text: str) -> Type:
    try:
        return Type(text.strip().replace(" ", ""))
    except ValueError as error:
        raise CellError("bad_type", found=text, suggestion=nearest(text, list(Type))) from error


def read_declarations(grid: Grid, vocabulary: Vocabulary = published_codes) -> Declarations:
    """All tables and their columns in the order of the file. Raises TableErrors with every mistake."""
    _check_header(grid)
    found: dict[str, dict[str, Declared]] = {}
    problems: list[Problem] = []
    for number, cells in grid.body:
        line = dict(zip(HEADER, (*cells, *[""] * (len(HEADER) - len(cells))), strict=False))
        columns = found.setdefault(line["table"].strip(), {})
        name = line["column"].strip()
        try:
            if not name:
                raise CellError("unnamed_column")
            if name in columns:
                raise CellError("duplicate_column", found=name)
            columns[name] = Declared(read_column(line, vocabulary), _role(line["role"]), number)
        except CellError as error:
            problems.append(error.problem.at(file=grid.file, row=number, column=error.problem.column or name))
    if problems:
        raise TableErrors(problems)
    return found


def _check_header(grid: Grid) -> None:
    header = [cell.strip() for cell in grid.header]
    problems = [
        Problem("missing_column", grid.file, 1, values={"found": name})
        for name in HEADER
        if name not in header
    ]
    if not problems and tuple(header) != HEADER:
        problems = [
            Problem("undeclared_column", grid.file, 1, values={"found": name})
            for name in header[len(HEADER) :]
        ]
    if problems:
        raise TableErrors(problems)


def _role(text: str) -> str:
    role = text.strip()
    if role not in ROLES:
        raise CellError("bad_role", found=text, suggestion=nearest(text, ROLES))
    return role


def read_column(line: Mapping[str, str], vocabulary: Vocabulary) -> Column:
    """A column from its cells `column, type, values, unknown_as, default, title_es, title_en`."""
    kind = read_type(line["type"])
    values, ranges = read_values(line["values"], kind, vocabulary)
    column = Column(line["column"].strip(), kind, values, ranges)
    required = line["unknown_as"].strip() == REQUIRED
    unknown_as = None if required else _one_value(line["unknown_as"], column)
    default = line["default"].strip()
    return Column(
        column.name,
        kind,
        values,
        ranges,
        unknown_as=unknown_as,
        required=required,
        default=_one_value(default, column),
        has_default=bool(default),
        title_es=line["title_es"].strip(),
        title_en=line["title_en"].strip(),
        codes=listed.group(1) if (listed := re.fullmatch(r"\s*@(\w+)\s*", line["values"])) else "",
    )


def read_values(text: str, kind: Type, vocabulary: Vocabulary) -> tuple[tuple[Any, ...], tuple[Range, ...]]:
    """Allowed values: `a;b;c`, `@list` for a published code list, or spans such as `[0..120]`."""
    pieces = [piece.strip() for piece in text.split(";") if piece.strip()]
    codes: list[str] = []
    for piece in pieces:
        codes += _listed(piece[1:], vocabulary) if piece.startswith("@") else [piece]
    if not kind.ordered:
        read = [read_one(code, kind) for code in codes if code != UNKNOWN]
        return tuple(dict.fromkeys(read)), ()
    ranges = tuple(span for piece in codes for span in read_tests(piece, kind).ranges)
    values = tuple(span.low for span in ranges if span.low == span.high)
    return (values if len(values) == len(ranges) else ()), ranges


def _listed(name: str, vocabulary: Vocabulary) -> Sequence[str]:
    try:
        return vocabulary(name)
    except LookupError as error:
        hint = nearest(name, shared.codes.names())
        raise CellError("unknown_list", found=name, suggestion=f"@{hint}" if hint else "") from error


def read_one(text: str, kind: Type) -> Any:
    """One value as columns.csv writes it: codes without quotes, everything else as in a cell."""
    if kind in (Type.STRING, Type.STRINGS):
        return read_literal(text, Type.STRING) if text.startswith('"') else text
    return read_literal(text, kind)


def _one_value(text: str, column: Column) -> Value:
    text = text.strip()
    if not text:
        return None
    if column.type is Type.STRINGS:
        inner = text.removeprefix("[").removesuffix("]")
        value: Value = tuple(read_one(part.strip(), column.type) for part in inner.split(";") if part.strip())
    else:
        value = read_one(text, column.type)
    check_allowed(value, column)
    return value


def check_allowed(value: Value, column: Column) -> None:
    """Raises CellError with the nearest allowed code when a value is none of the column's."""
    for member in value if isinstance(value, tuple) else (value,):
        wrapped: Any = (member,) if column.type is Type.STRINGS else member
        if wrapped is not None and not column.allows(wrapped):
            if not isinstance(member, str):
                raise CellError("value_outside", found=literal(member))
            close = nearest(member, column.values)
            few = column.values if len(column.values) <= MOST_NAMED else ()
            hint = literal(close) if close else ", ".join(map(literal, few))
            raise CellError("unknown_code", found=member, suggestion=hint)


def check_cell_values(values: Iterable[Any], ranges: Sequence[Range], column: Column) -> None:
    """Raises CellError for a code or an end of a range that the column does not allow."""
    for value in sorted(values, key=str):
        check_allowed((value,) if column.type is Type.STRINGS else value, column)
    if column.values and column.type.ordered:
        for end in points(ranges):
            check_allowed(end, column)
