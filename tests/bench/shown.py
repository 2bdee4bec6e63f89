"""The table of a run, with an earlier run beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Row = Mapping[str, Any]


def show(rows: Sequence[Row], before: Mapping[str, Any] | None, console: Console | None = None) -> None:
    """Print the table; with an earlier run's file, its medians and how many times as much each figure is now."""
    earlier = {row["name"]: row for row in before["rows"]} if before else {}
    table = Table("what", "min", "median", "max", "unit", "ratio", "budget")
    if earlier:
        table.add_column("before")
        table.add_column("now / before")
    for row in rows:
        cells = [row["name"], *(figure(row[key]) for key in ("min", "median", "max")), row["unit"]]
        cells += ["" if row["ratio"] is None else f"{row['ratio']:.2f} x", budget(row)]
        if earlier:
            cells += compared(row, earlier.get(row["name"]))
        table.add_row(*cells)
    (console or Console(width=160)).print(table)


def compared(row: Row, was: Row | None) -> list[str]:
    """The earlier median, and the present one as a multiple of it."""
    if was is None:
        return ["", ""]
    return [figure(was["median"]), f"{row['median'] / was['median']:.2f} x" if was["median"] else ""]


def budget(row: Row) -> str:
    """The limit and whether it was kept; the limit alone when there was nothing to hold it against."""
    if row["budget"] is None:
        return ""
    limit = f"{'>=' if row['at_least'] else '<='} {row['budget']:g}{' x' if row['against'] else ''}"
    return limit if row["met"] is None else f"{limit} {'met' if row['met'] else 'MISSED'}"


def figure(value: float) -> str:
    """Three significant digits or whole thousands."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
