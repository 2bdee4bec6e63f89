"""What differs between two versions beside their tables: the safety promises, and what the columns mean and allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.referral.domain.decisions.errors import TableErrors
from services.referral.domain.decisions.grids import read_csv
from services.referral.domain.decisions.proof.invariants import FILE as PROMISES
from services.referral.domain.pathway_changes import CellChange, RowChange

COLUMNS = "columns.csv"
KEYS: Mapping[str, tuple[str, ...]] = {PROMISES: ("id",), COLUMNS: ("table", "column")}
"""By file: the columns that name a row of it."""


def file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[RowChange]:
    """Every promise and every column that is new, gone or says something else. What is proved and how a case is read
    hang on them, so whoever approves has to see it. Raises TableErrors for texts that cannot be read."""
    found: list[RowChange] = []
    for file in KEYS:
        old, new = _rows(file, before.get(file, "")), _rows(file, after.get(file, ""))
        found += [_change(file, row, new[row], "added") for row in new if row not in old]
        found += [_change(file, row, old[row], "removed") for row in old if row not in new]
        for row in new:
            cells = tuple(_cells(old[row], new[row])) if row in old else ()
            if cells:
                found.append(_change(file, row, new[row], "changed", cells))
    return found


def _rows(file: str, text: str) -> dict[str, dict[str, str]]:
    if not text.strip():
        return {}
    grid = read_csv(text.encode(), file)
    names = [name.strip() for name in grid.header]
    lines = (
        dict(zip(names, (*cells, *[""] * (len(names) - len(cells))), strict=False)) for _, cells in grid.body
    )
    return {".".join(line.get(name, "").strip() for name in KEYS[file]): line for line in lines}


def _cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[CellChange]:
    for name in dict.fromkeys((*old, *new)):
        was, says = old.get(name, "").strip(), new.get(name, "").strip()
        if was != says:
            yield CellChange(name, was, says)


def _change(
    file: str, row_id: str, row: Mapping[str, str], kind: str, cells: tuple[CellChange, ...] = ()
) -> RowChange:
    titles = row.get("title_es", ""), row.get("title_en", "")
    return RowChange(file.removesuffix(".csv"), row_id, kind, *titles, cells)


SAME_COLUMNS = 0.75
"""How many of the columns of two headers have to agree for a file to be taken for that table."""
OWN_COLUMNS = 0.25
"""How many of its columns a table that somebody is still changing has at least."""


def table_meant(content: str, file: str, files: Mapping[str, str]) -> str | None:
    """Which of a pathway's files a content is for, by its columns: `file` itself unless another fits, and better; None
    when it has next to nothing of any."""
    try:
        columns = _columns(content, file)
        known = {name: _columns(files[name], name) for name in files}
    except TableErrors:
        return file
    alike = {name: _alike(columns, others) for name, others in known.items()}
    best = max(alike, key=lambda name: (alike[name], name == file), default=file)
    if alike[best] >= SAME_COLUMNS:
        return best
    own = known[file]
    return file if len(columns & own) >= OWN_COLUMNS * len(own) else None


def _columns(content: str, file: str) -> frozenset[str]:
    return frozenset(cell.strip() for cell in read_csv(content.encode(), file).header)


def _alike(columns: frozenset[str], others: frozenset[str]) -> float:
    return len(columns & others) / len(columns | others)
