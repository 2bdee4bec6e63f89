"""Tables out to CSV and XLSX, as they are read."""

from collections.abc import Iterable, Mapping

from services.referral.domain.decisions.declarations import ANNOTATION, HEADER, INPUT, OUTPUT
from services.referral.domain.decisions.definition import Column, Definition
from services.referral.domain.decisions.folder import COLUMNS
from services.referral.domain.decisions.grids import write_csv
from services.referral.domain.decisions.ranges import range_text
from services.referral.domain.decisions.values import REQUIRED, Type, Value, literal
from services.referral.domain.decisions.xlsx import write_sheets


def rows_of(table: Definition) -> list[list[str]]:
    """The header and the rows of a table as text cells."""
    header = [f"id ({table.policy.value})"]
    header += [f"{column.name}:{column.type.value}" for column in table.inputs]
    header += [f"-> {column.name}:{column.type.value}" for column in table.outputs]
    header += [f"# {name}" for name in table.annotations]
    return [header, *(row.texts() for row in table.rows)]


def columns_of(tables: Iterable[Definition]) -> list[list[str]]:
    """columns.csv for these tables."""
    lines = [list(HEADER)]
    for table in tables:
        lines += [_line(table, column, INPUT) for column in table.inputs]
        lines += [_line(table, column, OUTPUT) for column in table.outputs]
        lines += [
            [table.name, name, Type.STRING.value, ANNOTATION, "", "", "", "", ""]
            for name in table.annotations
        ]
    return lines


def _line(table: Definition, column: Column, role: str) -> list[str]:
    values = f"@{column.codes}" if column.codes else ";".join(map(_plain, column.values))
    if column.type.ordered:
        values = ";".join(map(range_text, column.ranges))
    unknown_as = REQUIRED if column.required else _one(column.unknown_as)
    default = _one(column.default) if column.has_default else ""
    kind = column.type.value
    return [
        table.name,
        column.name,
        kind,
        role,
        values,
        unknown_as,
        default,
        column.title_es,
        column.title_en,
    ]


def _one(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ";".join(map(_plain, value)) + "]"
    return "" if value is None else _plain(value)


def _plain(value: Value) -> str:
    """A value as columns.csv writes it: a code without quotes where that cannot be misread."""
    if (
        isinstance(value, str)
        and value.strip() == value
        and not set(value) & set('";@[]')
        and value != REQUIRED
    ):
        return value
    return literal(value)


def to_csv(table: Definition) -> str:
    """One table as CSV text."""
    return write_csv(rows_of(table))


def columns_csv(tables: Iterable[Definition]) -> str:
    """The columns.csv of these tables as text."""
    return write_csv(columns_of(tables))


def to_xlsx(tables: Mapping[str, Definition]) -> bytes:
    """A workbook with a sheet `columns` and one for each table, as `load_workbook` reads it."""
    return write_sheets(
        {COLUMNS: columns_of(tables.values()), **{name: rows_of(t) for name, t in tables.items()}}
    )
