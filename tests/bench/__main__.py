"""`python -m tests.bench [--only NAME …] [--compare FILE] [--out FILE]`: the benchmark, one run on one embedded stack.

The ladder comes first (what the parts do alone), then what ours does on top, each with its ratio to a rung. Prints
minimum, median and maximum of at least three repetitions and writes them to a JSON file that a later run can be
compared with.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.schemas import migrate_all
from tests.bench.figures import Results

ON_SERVERS = ("ladder", "bus")
"""Parts that run on a bare PostgreSQL and Valkey."""
WHOLE = ("decisions", "matching", "pipeline")
"""Parts that need nothing, or start the whole product themselves."""
PARTS = ON_SERVERS + WHOLE


def main() -> int:
    """Run, print, write. Exit status 0 whatever the figures: a budget missed is for people to judge."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--compare", default=os.environ.get("COMPARE") or None, metavar="FILE")
    parser.add_argument("--out", default=".ruta/bench.json", metavar="FILE")
    chosen = parser.parse_args()
    results = Results()
    try:
        on_servers([part for part in chosen.only if part in ON_SERVERS], results)
        for part in chosen.only:
            if part in WHOLE:
                importlib.import_module(f"tests.bench.{part}").run(None, results)
    finally:
        finish(results, chosen.compare, Path(chosen.out))
    return 0


def finish(results: Results, compare: str | None, out: Path) -> None:
    """Show and write what was measured, also when a part broke off."""
    before = json.loads(Path(compare).read_text()) if compare else None
    show(results.rows(), before)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"machine": machine(), "rows": results.rows()}, indent=1))


def on_servers(parts: list[str], results: Results) -> None:
    """Run `parts` on one pair of servers, durable."""
    if not parts:
        return
    folder = Path(tempfile.mkdtemp(prefix="ruta-bench-"))
    try:
        with EmbeddedStack(folder) as stack:
            migrate_all(stack)
            for part in parts:
                importlib.import_module(f"tests.bench.{part}").run(stack, results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.system()}


def show(rows: list[dict[str, Any]], before: dict[str, Any] | None) -> None:
    """The table, with the earlier run's medians beside when there is one."""
    earlier = {row["name"]: row for row in before["rows"]} if before else {}
    table = Table("what", "min", "median", "max", "unit", "ratio", "budget", *(["before"] if earlier else []))
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f} x"
        budget = "" if row["budget"] is None else f"{row['budget']} {'met' if row['met'] else 'MISSED'}"
        cells = [
            row["name"],
            *(figure(row[key]) for key in ("min", "median", "max")),
            row["unit"],
            ratio,
            budget,
        ]
        if earlier:
            was = earlier.get(row["name"])
            cells.append(figure(was["median"]) if was else "")
        table.add_row(*cells)
    Console(width=160).print(table)


def figure(value: float) -> str:
    """Three significant digits or whole thousands."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
