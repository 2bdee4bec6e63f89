"""Rows of files: NDJSON, JSON, CSV (comma, semicolon or tab) and XLSX, with the line where each stands."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

LARGEST = 500 * 1024 * 1024
"""Bytes of a file, unpacked."""

Row = tuple[int, Any]
"""Line number from 1 as a text editor or spreadsheet shows it, and what stands there: a document or a row (column →
cell); a ValueError for a line that cannot be read."""


class CannotRead(ValueError):
    """The file as a whole cannot be read. The message is a code: `type`, `too_large`, `empty`, `broken`."""


@dataclass(frozen=True, slots=True)
class Line:
    """Line `number` (from 1) with its JSON document, or the ValueError that says why it is none."""

    number: int
    document: Any


@dataclass(frozen=True)
class Sheet:
    """A file of rows below a header."""

    header: Sequence[str]
    rows: Iterator[Row]


def is_sheet(path: Path) -> bool:
    """Whether the file holds rows that need a mapping, not documents. Raises CannotRead for another kind of file."""
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv", ".xlsx"}:
        return True
    if suffix in {".ndjson", ".jsonl", ".json"}:
        return False
    raise CannotRead("type")


def documents(path: Path) -> Iterator[tuple[int, Any, bytes | None]]:
    """The documents of an NDJSON file, each with its text, or of a JSON file that holds a list or one document."""
    if path.suffix.lower() == ".json":
        yield from ((number, document, None) for number, document in _whole_json(path))
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _parsed(line), line


def sheet(path: Path) -> Sheet:
    """The header and rows of a CSV or XLSX file. Raises CannotRead."""
    if path.stat().st_size > LARGEST:
        raise CannotRead("too_large")
    return _workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path)


def count(path: Path) -> int:
    """About how many rows a file has, for the progress bar."""
    if path.suffix.lower() == ".xlsx":
        return 0
    with path.open("rb") as lines:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))


def _whole_json(path: Path) -> Iterator[Row]:
    if path.stat().st_size > LARGEST:
        raise CannotRead("too_large")
    value = _parsed(path.read_bytes())
    yield from enumerate(value if isinstance(value, list) else [value], 1)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        return ValueError("nested too deeply")
    except ValueError as error:
        return error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _csv(path: Path) -> Sheet:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    if not reader.fieldnames:
        raise CannotRead("empty")
    return Sheet(list(reader.fieldnames), _csv_rows(reader))


def _csv_rows(reader: csv.DictReader[str]) -> Iterator[Row]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, ValueError(str(error))
            continue
        if None in row:
            yield reader.line_num, ValueError("more cells than columns")
        else:
            yield reader.line_num, row


def _workbook(path: Path) -> Sheet:
    # A fifth of a second that only a workbook needs: no process should start later for it.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST:
                raise CannotRead("too_large")
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise CannotRead("broken") from error
    rows = book.worksheets[0].iter_rows(values_only=True)
    first = next(rows, None)
    header = [str(cell).strip() if cell is not None else "" for cell in first or ()]
    if not any(header):
        raise CannotRead("empty")
    return Sheet(header, _book_rows(header, rows))


def _book_rows(header: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, 2):
        if any(cell not in (None, "") for cell in cells):
            yield number, {name: cell for name, cell in zip(header, cells, strict=False) if name}
