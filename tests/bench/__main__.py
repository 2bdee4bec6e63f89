"""`python -m tests.bench [--only NAME …] [--large] [--compare FILE] [--out FILE]`: the benchmark.

The ladder comes first (what the parts do alone), then what ours does on top, each with its ratio to a rung. Prints
minimum, median and maximum of the repetitions and writes them to a JSON file that a later run can be compared with.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.schemas import migrate_all
from tests.bench import machine
from tests.bench.figures import Results
from tests.bench.shown import show

OUT = ".ruta/bench.json"
ON_SERVERS = ("ladder", "bus")
"""Parts that run on a bare PostgreSQL and Valkey."""
WHOLE = ("decisions", "matching", "startup", "pipeline", "floor", "imports", "burst", "hosts", "rabbitmq")
"""Parts that need nothing, or start the whole product themselves."""
LARGE = ("large",)
"""Parts that only run when asked for with --large or by name."""
PARTS = ON_SERVERS + WHOLE + LARGE


def main() -> int:
    """Run, print, write. Exit status 0 whatever the figures: a budget missed is for people to judge."""
    chosen = read_arguments(sys.argv[1:])
    before = json.loads(Path(chosen.compare).read_text()) if chosen.compare else None
    results = Results(machine=machine.facts())
    try:
        on_servers([part for part in chosen.only if part in ON_SERVERS], results)
        for part in chosen.only:
            if part not in ON_SERVERS:
                run(part, None, results)
    finally:
        finish(results, before, Path(chosen.out))
    return 0


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """What to run. Exits with a message for a part that is none, or a file to compare with that is not there."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--large", action="store_true", help="also with a million cases stored")
    parser.add_argument("--compare", metavar="FILE", help="show an earlier run's medians beside")
    parser.add_argument("--out", default=OUT, metavar="FILE", help=f"where the figures go ({OUT})")
    chosen = parser.parse_args(arguments)
    if chosen.compare and not Path(chosen.compare).is_file():
        parser.error(f"there is no file {chosen.compare}")
    chosen.only = chosen.only or [*ON_SERVERS, *WHOLE, *(LARGE if chosen.large else ())]
    if chosen.large:
        os.environ["LARGE"] = "1"
    return chosen


def run(part: str, stack: EmbeddedStack | None, results: Results) -> None:
    """Run one part, saying so."""
    sys.stderr.write(f"bench: {part}\n")
    importlib.import_module(f"tests.bench.{part}").run(stack, results)


def finish(results: Results, before: dict[str, Any] | None, out: Path) -> None:
    """Show and write what was measured, also when a part broke off."""
    show(results.rows(), before)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"machine": results.machine, "rows": results.rows()}, indent=1))
    sys.stderr.write(f"bench: written to {out}\n")


def on_servers(parts: list[str], results: Results) -> None:
    """Run `parts` on one pair of servers, durable."""
    if not parts:
        return
    folder = Path(tempfile.mkdtemp(prefix="ruta-bench-"))
    try:
        with EmbeddedStack(folder) as stack:
            migrate_all(stack)
            results.machine |= machine.facts_of(stack.postgres.connect())
            for part in parts:
                run(part, stack, results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
