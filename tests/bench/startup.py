"""`ruta up` from an installed tree to the first page, with a new database each time; and what it takes up when idle."""

from __future__ import annotations

import time

from tests.bench.figures import REPETITIONS, Figure, Results
from tests.bench.stack import running

SETTLED_SECONDS = 5.0


def run(_stack: object, results: Results) -> None:
    """Add start-up time and idle memory to `results`."""
    seconds, memory = [], []
    for _ in range(REPETITIONS):
        with running() as stack:
            seconds.append(stack.up_seconds)
            time.sleep(SETTLED_SECONDS)
            memory.append(stack.memory())
    results.add(Figure("ruta up to first page, installed", "s", seconds, budget=10.0, at_least=False))
    results.add(Figure("whole stack idle", "MB", memory, budget=700.0, at_least=False))
