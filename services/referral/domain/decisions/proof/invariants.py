"""`invariants.csv`: what must hold whatever the rows of a table say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from services.referral.domain.decisions.cells import Cell
from services.referral.domain.decisions.declarations import check_cell_values
from services.referral.domain.decisions.definition import Column, Row
from services.referral.domain.decisions.errors import CellError, Problem, TableErrors, nearest
from services.referral.domain.decisions.feel import read_tests
from services.referral.domain.decisions.folder import WORKBOOK
from services.referral.domain.decisions.grids import Grid, read_csv
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import Type, Value
from services.referral.domain.decisions.xlsx import read_sheets

HEADER = ("id", "table", "when", "must", "must_not", "first", "title_es", "title_en", "source", "review")
NOTHING = ("", "-")
FILE = "invariants.csv"


class Demand(StrEnum):
    MUST = "must"
    MUST_NOT = "must_not"
    FIRST = "first"


@dataclass(frozen=True)
class Condition:
    """Cells on outputs and annotations, all of which must hold for the same row."""

    cells: Mapping[str, Cell]

    def holds(self, answer: Mapping[str, Value], annotations: Mapping[str, str]) -> bool:
        return all(
            cell.holds(answer[name] if name in answer else annotations.get(name, ""))
            for name, cell in self.cells.items()
        )

    def holds_for(self, row: Row, outputs: Iterable[Column]) -> bool:
        names = (column.name for column in outputs)
        return self.holds(dict(zip(names, row.outputs, strict=True)), row.annotations)


@dataclass(frozen=True)
class Invariant:
    """A promise about one table: in the cases `when`, the demands hold."""

    id: str
    table: str
    when: Mapping[str, Cell]
    demands: Mapping[Demand, Condition]
    title_es: str
    title_en: str
    source: str = ""
    review: str = ""
    texts: tuple[str, ...] = field(default=(), compare=False)

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else self.title_es) or self.id


def load_invariants(path: Path, tables: Mapping[str, DecisionTable]) -> list[Invariant]:
    """The invariants beside tables: of a pathway's folder, of a workbook, or for one CSV file those about it.

    None when there are no such promises. Raises TableErrors.
    """
    if path.suffix.lower() == WORKBOOK and path.is_file():
        sheet = read_sheets(path.read_bytes(), path.name).get(FILE.removesuffix(".csv"))
        return read_invariants(sheet, tables) if sheet else []
    file = path / FILE if path.is_dir() else path.with_name(FILE)
    if not file.is_file() or path.suffix.lower() not in ("", ".csv"):
        return []
    grid = read_csv(file.read_bytes(), file.name)
    return read_invariants(grid if path.is_dir() else _about(grid, tables), tables)


def _about(grid: Grid, tables: Mapping[str, DecisionTable]) -> Grid:
    """The lines of a pathway's file that speak about these of its tables."""
    header = [cell.strip() for cell in grid.header]
    if "table" not in header:
        return grid
    place = header.index("table")
    lines = [(n, cells) for n, cells in grid.body if "".join(cells[place : place + 1]).strip() in tables]
    return replace(grid, rows=(grid.rows[0], *lines))


def read_invariants(grid: Grid, tables: Mapping[str, DecisionTable]) -> list[Invariant]:
    """The invariants of a file, checked against the tables they speak about. Raises TableErrors with every mistake."""
    header = [cell.strip() for cell in grid.header]
    missing = [name for name in HEADER if name not in header]
    if missing:
        raise TableErrors(
            [Problem("missing_column", grid.file, 1, values={"found": name}) for name in missing]
        )
    found: dict[str, Invariant] = {}
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for number, cells in grid.body:
        line = dict(zip(header, (*cells, *[""] * (len(header) - len(cells))), strict=False))
        try:
            invariant = _invariant({name: text.strip() for name, text in line.items()}, tables)
            if invariant.id in first:
                raise _at("id", CellError("duplicate_id", found=invariant.id, first=first[invariant.id]))
            first[invariant.id] = number
            found[invariant.id] = invariant
        except CellError as error:
            problems.append(error.problem.at(file=grid.file, row=number))
    if problems:
        raise TableErrors(problems)
    return list(found.values())


def _at(column: str, error: CellError) -> CellError:
    error.problem = error.problem.at(file="", column=column)
    return error


def _invariant(line: Mapping[str, str], tables: Mapping[str, DecisionTable]) -> Invariant:
    if not line["id"]:
        raise _at("id", CellError("missing_id"))
    if line["table"] not in tables:
        hint = nearest(line["table"], tables)
        raise _at("table", CellError("unknown_table", found=line["table"], suggestion=hint))
    table = tables[line["table"]]
    if table.policy in (HitPolicy.SUM, HitPolicy.COUNT):
        raise _at("table", CellError("not_provable", policy=table.policy.value))
    inputs = {column.name: column for column in table.inputs}
    outputs = {column.name: column for column in table.outputs}
    outputs |= {name: Column(name, Type.STRING) for name in table.annotations}
    demands = {
        demand: Condition(read_condition(line[demand], outputs, demand))
        for demand in Demand
        if line[demand] not in NOTHING
    }
    if not demands:
        raise _at("must", CellError("no_requirement"))
    return Invariant(
        line["id"],
        table.name,
        when=read_condition(line["when"], inputs, "when"),
        demands=demands,
        title_es=line["title_es"],
        title_en=line["title_en"],
        source=line["source"],
        review=line["review"],
        texts=tuple(line[name] for name in HEADER),
    )


def read_condition(text: str, columns: Mapping[str, Column], place: str) -> dict[str, Cell]:
    """`column: cell; column: cell`, as cells by column. Raises CellError placed in the column `place`."""
    found: dict[str, Cell] = {}
    for part in split_outside_quotes(text, ";"):
        if part.strip() in NOTHING:
            continue
        name, colon, tests = part.partition(":")
        name = name.strip()
        try:
            if not colon:
                raise CellError("bad_condition", found=part.strip())
            if name not in columns:
                raise CellError("unknown_column", found=name, suggestion=nearest(name, columns))
            if name in found:
                raise CellError("duplicate_column", found=name)
            found[name] = read_tests(tests, columns[name].type)
            check_cell_values(found[name].values, found[name].ranges, columns[name])
        except CellError as error:
            raise _at(place, error) from error
    return found


def split_outside_quotes(text: str, mark: str) -> list[str]:
    """A text cut at a mark, but not inside quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == '"'
        if character == mark and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts
