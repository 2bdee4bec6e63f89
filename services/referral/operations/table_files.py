"""A table as a file for people: CSV, XLSX or DMN, out and in."""

from __future__ import annotations

from collections.abc import Mapping

from services.referral.dmn import model_of, read_dmn, write_dmn
from services.referral.domain.decisions import DecisionTable, TableErrors, to_csv, to_xlsx
from services.referral.domain.decisions.folder import COLUMNS
from services.referral.domain.decisions.grids import Grid, read_csv, write_csv
from services.referral.domain.decisions.proof.invariants import FILE as INVARIANTS
from services.referral.domain.decisions.reading import decimal_commas
from services.referral.domain.decisions.xlsx import read_sheets, write_sheets
from services.referral.operations.publishing import TablesInvalid
from shared.errors import Invalid

CSV, XLSX, DMN = "csv", "xlsx", "dmn"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    DMN: "application/xml",
}


def written(table: DecisionTable, form: str) -> bytes:
    """A table as a file of this form. CSV begins with a byte order mark, so that spreadsheets read accents."""
    if form == XLSX:
        return to_xlsx({table.name: table})
    if form == DMN:
        return write_dmn(model_of([table], table.name))
    return b"\xef\xbb\xbf" + to_csv(table).encode()


def promises_written(content: str, form: str) -> bytes:
    """The safety promises as CSV or XLSX: they are no decision table. Raises Invalid for another form."""
    rows = [cells for _, cells in read_csv(content.encode(), INVARIANTS).rows]
    if form == XLSX:
        return write_sheets({INVARIANTS.removesuffix(".csv"): rows})
    if form != CSV:
        raise Invalid("Las promesas de seguridad se descargan en CSV o XLSX.", code="form_unknown")
    return b"\xef\xbb\xbf" + write_csv(rows).encode()


def form_of(data: bytes, name: str = "") -> str:
    """Which form a file has, by what it begins with; its name decides only between texts."""
    if data[:4] == b"PK\x03\x04":
        return XLSX
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" or name.lower().endswith((".dmn", ".xml")):
        return DMN
    return CSV


def as_csv(data: bytes, table: str, name: str = "") -> str:
    """The rows of an uploaded file as CSV text, each on the row where the file has it, so that a mistake is told by the
    row that people see. Raises TablesInvalid when it cannot be read, Invalid when it is empty or has several tables and
    not this one."""
    file = name or f"{table}.csv"
    if not data.strip(b"\xef\xbb\xbf \r\n\t"):
        raise Invalid("El archivo está vacío. No se guardó nada.", code="file_empty")
    try:
        form = form_of(data, name)
        if form == XLSX:
            return _rows_in_place(_sheet(read_sheets(data, file), table))
        if form == DMN:
            return to_csv(_only(read_dmn(data, file).tables, table))
        grid = read_csv(data, file)
        if problems := decimal_commas(grid):
            raise TableErrors(problems)
        return _rows_in_place(grid)
    except TableErrors as errors:
        raise TablesInvalid(errors) from errors


def _rows_in_place(grid: Grid) -> str:
    by_number = dict(grid.rows)
    return write_csv(by_number.get(number, ()) for number in range(1, grid.rows[-1][0] + 1))


def _sheet(sheets: Mapping[str, Grid], table: str) -> Grid:
    """The sheet of the table, or the only one that may be it."""
    others = [name for name in sheets if name != COLUMNS]
    if table not in sheets and len(others) != 1:
        raise Invalid("El libro no tiene una hoja con el nombre de la tabla.", code="table_unknown")
    return sheets[table if table in sheets else others[0]]


def _only(tables: Mapping[str, DecisionTable], table: str) -> DecisionTable:
    if table in tables:
        return tables[table]
    if len(tables) == 1:
        return next(iter(tables.values()))
    raise Invalid("El modelo no tiene esa tabla.", code="table_unknown")
