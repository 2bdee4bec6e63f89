"""What a case costs when a million are stored, against the first thousand on the same stack."""

from __future__ import annotations

import os
import time

from tests.bench.figures import REPETITIONS, Figure, Results
from tests.bench.filling import fill
from tests.bench.pipeline import flood, light, report_cpu, warm
from tests.bench.stack import Stack, running

CASES = 1_000
STORED = int(os.environ.get("BENCH_STORED", "1000000"))
FIRST, LATER, LIGHT_FIRST = 10_000, 5_000_000, 6_000_000
BEFORE = "one case, the first thousands"
AFTER = f"one case, {STORED:,} stored"


def run(_stack: object, results: Results) -> None:
    """Add time and CPU of a case before and after; the budget is on their ratio."""
    with running() as stack:
        warm(stack)
        measure(stack, results, FIRST, BEFORE)
        begun = time.monotonic()
        stored = fill(stack.admin, STORED)
        note = f"{stored:,} cases, filled in {time.monotonic() - begun:.0f} s"
        warm(stack, LATER + 50_000)
        measure(stack, results, LATER, AFTER, note=note)
        light(stack, results, LIGHT_FIRST, f" with {STORED:,} stored")


def measure(stack: Stack, results: Results, first: int, name: str, note: str = "") -> None:
    """Milliseconds of a case under sustained load, and of its CPU by process."""
    measured = [flood(stack, first + again * CASES, CASES) for again in range(REPETITIONS)]
    times = [1000 / rate for rate, _ in measured]
    against = BEFORE if name != BEFORE else None
    budget = 1.3 if against else None
    results.add(Figure(name, "ms", times, against, budget, at_least=False, note=note))
    report_cpu(results, f"CPU of {name}", [cpu for _, cpu in measured])
