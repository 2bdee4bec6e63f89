"""What differs between two versions of a pathway, row by row, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.referral.domain.decisions import DecisionTable, Row
from services.referral.domain.pathway_tables import Pathway


@dataclass(frozen=True)
class CellChange:
    """A cell that says something else; `before` and `after` as they stand in the table, the column's titles as people
    call it, where it has any."""

    column: str
    before: str
    after: str
    title_es: str = ""
    title_en: str = ""

    def sentence(self, language: str) -> str:
        """From what to what."""
        title = (self.title_en if language == "en" else self.title_es) or self.column
        return f"{title}: {self.before or '–'} → {self.after or '–'}"


@dataclass(frozen=True)
class RowChange:
    """A row that was `added`, `removed` or `changed`; `title` in Spanish, from the row itself."""

    table: str
    row_id: str
    kind: str
    title_es: str
    title_en: str
    cells: tuple[CellChange, ...] = ()

    def sentence(self, language: str, table_title: str = "") -> str:
        """One line for people, who may call the table by another name."""
        words = SENTENCES[self.kind][language == "en"]
        title = self.title_en if language == "en" else self.title_es
        changes = "; ".join(one.sentence(language) for one in self.cells)
        return words.format(table=table_title or self.table, row=self.row_id, title=title, changes=changes)


SENTENCES = {
    "added": ("{table}: fila nueva {row}, «{title}»", "{table}: new row {row}, “{title}”"),
    "removed": ("{table}: se quita la fila {row}, «{title}»", "{table}: row {row} goes, “{title}”"),
    "changed": ("{table}: fila {row}, «{title}»: {changes}", "{table}: row {row}, “{title}”: {changes}"),
    "moved": (
        "{table}: la fila {row}, «{title}», cambia de lugar",
        "{table}: row {row}, “{title}”, stands in another place",
    ),
}


def changes(before: Pathway, after: Pathway) -> list[RowChange]:
    """Every row that differs, table by table in the order of `after`; empty when both say the same."""
    found: list[RowChange] = []
    for name in dict.fromkeys((*before.tables, *after.tables)):
        found += _table_changes(name, before.tables.get(name), after.tables.get(name))
    return found


def _table_changes(
    name: str, before: DecisionTable | None, after: DecisionTable | None
) -> Iterator[RowChange]:
    old = {row.id: row for row in before.rows} if before else {}
    new = {row.id: row for row in after.rows} if after else {}
    columns = _columns(after or before)
    for row_id, row in new.items():
        if row_id not in old:
            yield _change(name, row, "added")
        else:
            cells = tuple(_cell_changes(columns, old[row_id], row))
            if cells:
                yield _change(name, row, "changed", cells)
    for row_id, row in old.items():
        if row_id not in new:
            yield _change(name, row, "removed")
    yield from (_change(name, new[row_id], "moved") for row_id in _moved(list(old), list(new)))


def _moved(old: list[str], new: list[str]) -> list[str]:
    """Rows common to both that stand in another order: order decides under some hit policies."""
    mine, theirs = [one for one in new if one in set(old)], [one for one in old if one in set(new)]
    return [] if mine == theirs else [one for one, other in zip(mine, theirs, strict=True) if one != other]


def _columns(table: DecisionTable | None) -> list[tuple[str, str, str]]:
    """Name and titles of each column behind the id."""
    if table is None:
        return []
    found = [(column.name, column.title_es, column.title_en) for column in (*table.inputs, *table.outputs)]
    return found + [(name, "", "") for name in table.annotations]


def _cell_changes(columns: list[tuple[str, str, str]], old: Row, new: Row) -> Iterator[CellChange]:
    before, after = old.texts()[1:], new.texts()[1:]
    if len(before) != len(after):
        yield CellChange("columnas", str(len(before)), str(len(after)))
        return
    for (column, title_es, title_en), was, says in zip(columns, before, after, strict=True):
        if was != says:
            yield CellChange(column, was, says, title_es, title_en)


def _change(table: str, row: Row, kind: str, cells: tuple[CellChange, ...] = ()) -> RowChange:
    titles = row.annotations
    return RowChange(table, row.id, kind, titles.get("title_es", ""), titles.get("title_en", ""), cells)
