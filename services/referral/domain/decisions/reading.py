"""From a grid of text to a decision table, strictly: every mistake is found and placed, none is guessed at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.declarations import (
    ANNOTATION,
    INPUT,
    OUTPUT,
    Declared,
    check_allowed,
    check_cell_values,
    read_type,
)
from services.referral.domain.decisions.definition import Column, Row
from services.referral.domain.decisions.errors import CellError, Problem, TableErrors, nearest
from services.referral.domain.decisions.feel import read_literal, read_tests
from services.referral.domain.decisions.grids import Grid
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import UNKNOWN, Type, Value, literal

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
DECIMAL_COMMA = re.compile(r"(?<![\w.,])\d+,\d+(?![\d,])")
ID_HEADER = re.compile(r"id\s*(?:\(\s*(?P<policy>[^)\s]*)\s*\))?", re.IGNORECASE)


@dataclass(frozen=True)
class HeaderCell:
    """One cell of the first row: `need:string`, `-> priority:string` or `# source`."""

    role: str
    column: Column
    index: int


@dataclass
class Reading:
    """A table on its way in, with the mistakes met so far."""

    grid: Grid
    name: str
    declared: Mapping[str, Declared] | None
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def note(self, error: CellError, row: int, column: str) -> None:
        self.problems.append(error.problem.at(file=self.grid.file, row=row, column=column))

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise TableErrors(self.problems)


def read_table(grid: Grid, name: str, declared: Mapping[str, Declared] | None = None) -> DecisionTable:
    """The table that a grid holds. Without declarations the types come from its header.

    Raises TableErrors with every mistake, each with file, row, column and, where there is one, a suggestion.
    """
    reading = Reading(grid, name, declared)
    policy = _policy(reading)
    header = _header(reading)
    reading.problems += decimal_commas(grid)
    reading.stop_if_wrong()
    problem = shape_problem(policy, [cell.column for cell in header if cell.role == OUTPUT])
    if problem:
        raise TableErrors([problem.at(file=grid.file, row=grid.rows[0][0])])
    rows = [row for number, cells in grid.body if (row := _row(reading, header, number, cells)) is not None]
    reading.stop_if_wrong()
    return DecisionTable(
        name,
        policy,
        inputs=tuple(cell.column for cell in header if cell.role == INPUT),
        outputs=tuple(cell.column for cell in header if cell.role == OUTPUT),
        rows=tuple(rows),
        annotations=tuple(cell.column.name for cell in header if cell.role == ANNOTATION),
    )


def decimal_commas(grid: Grid) -> list[Problem]:
    """Numbers that read as two and may be meant as one, where a spreadsheet writes decimals with a comma."""
    found = []
    for number, cells in grid.body if grid.decimal_commas else ():
        for header, cell in zip(grid.header[1:], cells[1:], strict=False):
            role, name, _ = _split(header)
            match = DECIMAL_COMMA.search(QUOTED.sub("", cell))
            if match is not None and role != ANNOTATION:
                one, two = match.group().replace(",", "."), match.group().replace(",", ", ")
                values = {"found": match.group(), "two": two}
                found.append(Problem("decimal_comma", grid.file, number, name, values, suggestion=one))
    return found


def _policy(reading: Reading) -> HitPolicy:
    first = reading.grid.header[0].strip()
    match = ID_HEADER.fullmatch(first)
    try:
        if match is None or match["policy"] is None:
            raise CellError("bad_id_header", found=first, suggestion="id (U)")
        try:
            return HitPolicy(match["policy"].upper())
        except ValueError as error:
            known = ", ".join(HitPolicy)
            raise CellError("bad_policy", found=match["policy"], suggestion=known) from error
    except CellError as error:
        reading.note(error, reading.grid.rows[0][0], "id")
    return HitPolicy.UNIQUE


def _header(reading: Reading) -> list[HeaderCell]:
    number = reading.grid.rows[0][0]
    cells: list[HeaderCell] = []
    names: set[str] = set()
    for index, text in enumerate(reading.grid.header[1:], 1):
        try:
            if not text.strip():
                raise CellError("unnamed_after", found=reading.grid.header[index - 1].strip())
            cell = header_cell(text, index, reading.declared)
            if cell.column.name in names:
                raise CellError("duplicate_column", found=cell.column.name)
            names.add(cell.column.name)
            cells.append(cell)
        except CellError as error:
            names.add(_split(text)[1])
            reading.note(error, number, text.strip())
    for missing in (reading.declared or {}).keys() - names:
        reading.note(CellError("missing_column", found=missing), number, missing)
    return cells


def _split(text: str) -> tuple[str, str, str]:
    """Role, name and type as a header cell writes them."""
    role, rest = INPUT, text.strip()
    if rest.startswith(("->", "→")):
        role, rest = OUTPUT, rest.removeprefix("->").removeprefix("→")
    elif rest.startswith("#"):
        role, rest = ANNOTATION, rest[1:]
    name, _, kind = rest.partition(":") if role == ANNOTATION else _last_colon(rest)
    return role, name.strip(), kind.strip()


def _last_colon(text: str) -> tuple[str, str, str]:
    name, colon, kind = text.rpartition(":")
    return (name, colon, kind) if colon else (text, "", "")


def header_cell(text: str, index: int, declared: Mapping[str, Declared] | None) -> HeaderCell:
    """Reads one header cell and joins it with what columns.csv says. Raises CellError."""
    role, name, kind = _split(text)
    if not name:
        raise CellError("unnamed_column")
    if declared is None:
        if role == ANNOTATION:
            return HeaderCell(role, Column(name, Type.STRING), index)
        if not kind:
            raise CellError("missing_type", found=name, suggestion=f"{text.strip()}:string")
        return HeaderCell(role, Column(name, read_type(kind)), index)
    if name not in declared:
        raise CellError("undeclared_column", found=name, suggestion=nearest(name, declared))
    known = declared[name]
    if role != known.role:
        raise CellError("role_differs", found=role, declared=known.role)
    if kind and read_type(kind) is not known.column.type:
        raise CellError("type_differs", found=kind, declared=known.column.type.value)
    return HeaderCell(role, known.column, index)


def shape_problem(policy: HitPolicy, outputs: list[Column]) -> Problem | None:
    """What a hit policy demands of the outputs, if they do not give it."""
    if not outputs:
        return Problem("no_output")
    if policy.by_output and not any(column.values for column in outputs):
        return Problem("no_order_of_outputs", values={"policy": policy.value}, column=outputs[0].name)
    if policy.aggregates and len(outputs) > 1 and policy is not HitPolicy.COUNT:
        return Problem("one_output", values={"policy": policy.value}, column=outputs[1].name)
    if policy in (HitPolicy.LEAST, HitPolicy.GREATEST) and outputs[0].type in (Type.BOOLEAN, Type.STRINGS):
        return Problem("ordered_output", values={"policy": policy.value}, column=outputs[0].name)
    if policy is HitPolicy.SUM and not outputs[0].type.numeric:
        return Problem("number_output", values={"policy": policy.value}, column=outputs[0].name)
    return None


def _row(reading: Reading, header: list[HeaderCell], number: int, cells: tuple[str, ...]) -> Row | None:
    expected = len(header) + 1
    if len(cells) != expected:
        code = "short_row" if len(cells) < expected else "long_row"
        column = reading.grid.header[len(cells)].strip() if len(cells) < expected else ""
        reading.note(CellError(code, found=len(cells), expected=expected), number, column)
        return None
    row_id = cells[0].strip()
    if not row_id:
        reading.note(CellError("missing_id"), number, "id")
    elif row_id in reading.seen:
        reading.note(CellError("duplicate_id", found=row_id, first=reading.seen[row_id]), number, "id")
    reading.seen.setdefault(row_id, number)
    inputs, outputs, texts = [], [], []
    for cell in header:
        try:
            if cell.role == INPUT:
                inputs.append(read_input_cell(cells[cell.index], cell.column))
            elif cell.role == OUTPUT:
                outputs.append(read_output_cell(cells[cell.index], cell.column))
                texts.append(cells[cell.index].strip())
        except CellError as error:
            reading.note(error, number, cell.column.name)
    notes = {cell.column.name: cells[cell.index].strip() for cell in header if cell.role == ANNOTATION}
    return Row(row_id, tuple(inputs), tuple(outputs), notes, tuple(texts))


def read_input_cell(text: str, column: Column) -> Cell:
    """One input cell, checked against the column's allowed values. Raises CellError with the nearest code."""
    try:
        cell = read_tests(text, column.type)
    except CellError as error:
        raise _with_known_code(error, text, column) from error
    check_cell_values(cell.values, cell.ranges, column)
    if cell.unknown and column.required:
        raise CellError("required_unknown")
    if cell.unknown and column.unknown_as is not None:
        raise CellError(
            "never_unknown", replaced=_plain(column.unknown_as), suggestion=literal(column.unknown_as)
        )
    return cell


def read_output_cell(text: str, column: Column) -> Value:
    """One output cell, checked against the column's allowed values. Raises CellError with the nearest code."""
    try:
        value = read_literal(text, column.type)
    except CellError as error:
        raise _with_known_code(error, text, column) from error
    check_allowed(value, column)
    return value


def _with_known_code(error: CellError, text: str, column: Column) -> CellError:
    """For a code without quotes the suggestion is a code that exists."""
    if error.problem.code == "bare_word" and column.values and "," not in text:
        close = nearest(text.strip(), [str(value) for value in column.values])
        if close:
            error.problem = replace(error.problem, suggestion=literal(close))
    return error


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else literal(value)


__all__ = ["UNKNOWN", "header_cell", "read_input_cell", "read_output_cell", "read_table", "shape_problem"]
