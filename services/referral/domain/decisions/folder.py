"""Tables from files: a pathway's folder, or one table alone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from services.referral.domain.decisions.declarations import (
    Declarations,
    Vocabulary,
    published_codes,
    read_declarations,
)
from services.referral.domain.decisions.errors import Problem, TableErrors
from services.referral.domain.decisions.grids import Grid, read_csv
from services.referral.domain.decisions.reading import read_table
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.xlsx import read_sheets

COLUMNS = "columns"
WORKBOOK = ".xlsx"
Place = TypeVar("Place")


def load_folder(path: str | Path, *, vocabulary: Vocabulary = published_codes) -> dict[str, DecisionTable]:
    """All tables that `columns.csv` of a folder declares, by name and in its order.

    `vocabulary` gives the codes behind `@list` in columns.csv. Raises TableErrors with the mistakes of all files.
    """
    folder = Path(path)
    declarations = read_declarations(_grid(folder / f"{COLUMNS}.csv"), vocabulary)
    return _tables(declarations, {name: folder / f"{name}.csv" for name in declarations}, _grid)


def load_texts(
    texts: Mapping[str, str], *, vocabulary: Vocabulary = published_codes
) -> dict[str, DecisionTable]:
    """As `load_folder`, from the files' contents by file name (`priority.csv`). Raises TableErrors."""
    declarations = read_declarations(_text_grid(texts, f"{COLUMNS}.csv"), vocabulary)
    return _tables(
        declarations, {name: f"{name}.csv" for name in declarations}, lambda file: _text_grid(texts, file)
    )


def _text_grid(texts: Mapping[str, str], file: str) -> Grid:
    if file not in texts:
        raise TableErrors([Problem("missing_file", file)])
    return read_csv(texts[file].encode(), file)


def _tables(
    declarations: Declarations, files: Mapping[str, Place], grid: Callable[[Place], Grid]
) -> dict[str, DecisionTable]:
    tables: dict[str, DecisionTable] = {}
    problems: list[Problem] = []
    for name, file in files.items():
        try:
            tables[name] = read_table(grid(file), name, declarations[name])
        except TableErrors as error:
            problems += error.problems
    if problems:
        raise TableErrors(problems)
    return tables


def load_file(path: str | Path, *, vocabulary: Vocabulary = published_codes) -> DecisionTable:
    """One table from a CSV or XLSX file (its first sheet).

    When a `columns.csv` beside the file declares the table, it counts; else the types come from the header.
    Raises TableErrors.
    """
    file = Path(path)
    declared = None
    beside = file.with_name(f"{COLUMNS}.csv")
    if file.suffix.lower() == ".csv" and beside.is_file() and file.stem != COLUMNS:
        declared = read_declarations(_grid(beside), vocabulary).get(file.stem)
    return read_table(_grid(file), file.stem, declared)


def load_tables(path: str | Path, *, vocabulary: Vocabulary = published_codes) -> dict[str, DecisionTable]:
    """All tables of a folder, of a workbook with a sheet `columns`, or of a file that holds one. Raises TableErrors."""
    place = Path(path)
    if place.is_dir():
        return load_folder(place, vocabulary=vocabulary)
    if place.suffix.lower() == WORKBOOK and place.is_file():
        data = place.read_bytes()
        if COLUMNS in read_sheets(data, place.name):
            return load_workbook(data, place.name, vocabulary=vocabulary)
    table = load_file(place, vocabulary=vocabulary)
    return {table.name: table}


def load_workbook(
    data: bytes, file: str, *, vocabulary: Vocabulary = published_codes
) -> dict[str, DecisionTable]:
    """All tables of a workbook: a sheet `columns` as columns.csv, and one sheet for each table it declares."""
    sheets = read_sheets(data, file)
    if COLUMNS not in sheets:
        raise TableErrors([Problem("missing_table", file, values={"found": COLUMNS})])
    declarations = read_declarations(sheets[COLUMNS], vocabulary)
    missing = [name for name in declarations if name not in sheets]
    if missing:
        raise TableErrors([Problem("missing_table", file, values={"found": name}) for name in missing])
    return {name: read_table(sheets[name], name, declarations[name]) for name in declarations}


def _grid(file: Path) -> Grid:
    if not file.is_file():
        raise TableErrors([Problem("missing_file", file.name)])
    if file.suffix.lower() == WORKBOOK:
        return next(iter(read_sheets(file.read_bytes(), file.name).values()))
    return read_csv(file.read_bytes(), file.name)
