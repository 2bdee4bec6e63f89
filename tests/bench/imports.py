"""Files of cases, imported over HTTP: from the import's start until all are durable, and until all people are told."""

from __future__ import annotations

import json
import os
import time

from tests.bench.figures import BEST_CELERY, REPETITIONS, Figure, Results
from tests.bench.pipeline import warm
from tests.bench.sending import Case, document, ruta_import, wait_quiet, wait_taken
from tests.bench.stack import Stack, running

SIZE = int(os.environ.get("BENCH_IMPORT", "10000"))
LARGE_SIZE = 100_000
FIRST, LARGE_FIRST = 1_000_000, 2_000_000
SLOWEST = 20
"""Cases a second below which the import counts as stuck."""


def run(_stack: object, results: Results) -> None:
    """Add the import of ten thousand cases, and of a hundred thousand with LARGE=1."""
    with running() as stack:
        warm(stack)
        several(stack, results, size=SIZE, times=REPETITIONS)
        if os.environ.get("LARGE", "0") not in {"", "0"}:
            several(stack, results, size=LARGE_SIZE, times=1)


def several(stack: Stack, results: Results, *, size: int, times: int) -> None:
    """Import `size` cases `times` times and add both rates."""
    first = FIRST if size == SIZE else LARGE_FIRST
    durable, told = zip(*(bring_in(stack, first + again * size, size) for again in range(times)), strict=True)
    results.add(Figure(f"import of {size:,}, to durable", "1/s", list(durable), against=BEST_CELERY))
    name = f"import of {size:,}, to hand-over"
    results.add(Figure(name, "1/s", list(told), against=BEST_CELERY, budget=5.0))


def bring_in(stack: Stack, first: int, count: int) -> tuple[float, float]:
    """Cases a second to durable, and to the last hand-over, both from the start of the command."""
    file = stack.folder / "import.ndjson"
    several = [Case(first + at) for at in range(count)]
    with file.open("w") as out:
        out.writelines(json.dumps(document(case)) + "\n" for case in several)
    begun = time.time()
    ruta_import(stack, file)
    durable = time.time() - begun
    taken = wait_taken(stack, {case.phone for case in several}, seconds=60 + count / SLOWEST)
    wait_quiet(stack)
    return count / durable, count / (max(taken.values()) - begun)
