"""Files of cells: CSV text to rows of text, and back. What a row means is for others to say."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.referral.domain.decisions.errors import Problem, TableErrors

DELIMITERS = ",;\t"
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML and no workbook can hold them
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Grid:
    """The non-empty rows of a file with their numbers; the first is the header."""

    file: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal_commas: bool = False  # semicolons between cells: a spreadsheet that writes 0,5 for a half

    @property
    def header(self) -> tuple[str, ...]:
        return self.rows[0][1]

    @property
    def body(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        return self.rows[1:]


def read_csv(data: bytes, file: str) -> Grid:
    """A CSV file in UTF-8 (with or without a mark), separated by comma, semicolon or tab.

    Raises TableErrors when it cannot be read or holds no header.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if (b"\0" in data and not data.startswith(UTF_16)) or data.startswith(b"%PDF"):
            raise TableErrors([Problem("no_text", file)]) from error
        row = data[: error.start].count(b"\n") + 1
        raise TableErrors([Problem("not_utf8", file, row, suggestion="CSV UTF-8")]) from error
    if (unseen := UNSEEN.search(text)) is not None:
        row = text[: unseen.start()].count("\n") + 1
        raise TableErrors(
            [Problem("control_character", file, row, values={"found": f"{ord(unseen[0]):04X}"})]
        )
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=lambda mark: (first.count(mark), -DELIMITERS.index(mark)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise TableErrors([Problem("bad_csv", file, reader.line_num)]) from error
    return replace(grid_of(file, rows), decimal_commas=delimiter == ";")


def grid_of(file: str, rows: Iterable[Sequence[str]]) -> Grid:
    """Rows of text as a grid. Rows and columns without any text are left out: spreadsheets easily leave some."""
    numbered = [(number, tuple(cells)) for number, cells in enumerate(rows, 1) if any(map(str.strip, cells))]
    if not numbered:
        raise TableErrors([Problem("no_header", file, 1)])
    numbered = _without_empty_columns(numbered)
    width = len(_trimmed(numbered[0][1], 0))
    return Grid(file, tuple((number, _trimmed(cells, width)) for number, cells in numbered))


def _without_empty_columns(rows: list[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    width = len(_trimmed(rows[0][1], 0))
    empty = {at for at in range(width) if not any(at < len(cells) and cells[at].strip() for _, cells in rows)}
    if not empty:
        return rows
    return [
        (number, tuple(cell for at, cell in enumerate(cells) if at not in empty)) for number, cells in rows
    ]


def _trimmed(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text, as spreadsheets read it (CRLF, comma)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()
