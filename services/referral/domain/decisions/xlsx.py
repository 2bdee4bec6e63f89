"""Workbooks: sheets of text cells, in and out.

openpyxl is imported when a workbook comes: it takes a fifth of a second, and no process should start later for it.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from services.referral.domain.decisions.errors import Problem, TableErrors
from services.referral.domain.decisions.grids import Grid, grid_of
from services.referral.domain.decisions.values import literal

LARGEST = 64 * 1024 * 1024  # bytes, unpacked


def read_sheets(data: bytes, file: str) -> dict[str, Grid]:
    """Every sheet that is not empty, by its name. Raises TableErrors; a formula is refused, not computed."""
    import openpyxl  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST:
                raise TableErrors([Problem("too_large", file)])
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    except TableErrors:
        raise
    except Exception as error:  # whatever the library trips over, it is the file's fault
        raise TableErrors([Problem("bad_xlsx", file)]) from error
    sheets = {}
    for sheet in book.worksheets:
        place = file if len(book.worksheets) == 1 else f"{file}[{sheet.title}]"
        rows = [[_text(cell, place) for cell in row] for row in sheet.iter_rows()]
        if any(any(cells) for cells in rows):
            sheets[sheet.title] = grid_of(place, rows)
    if not sheets:
        raise TableErrors([Problem("no_header", file, 1)])
    return sheets


def _text(cell: Any, file: str) -> str:
    """A cell as S-FEEL writes it, for a spreadsheet turns 18 into a number and true into a truth value."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise TableErrors([Problem("formula", file, cell.row, cell.column_letter)])
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value.isoformat()
    if isinstance(value, bool | date):
        return literal(value)
    if isinstance(value, int | float):
        return literal(Decimal(repr(value)))
    return str(value)


def write_sheets(sheets: Mapping[str, Iterable[Sequence[str]]]) -> bytes:
    """A workbook with these sheets; every cell is text, so that nothing is taken for a formula."""
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for index, text in enumerate(row, 1):
                cell = sheet.cell(number, index)
                cell.value = text
                cell.data_type = "s"
                cell.number_format = "@"
        sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
