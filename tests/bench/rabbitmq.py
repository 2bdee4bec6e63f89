"""Whole cases with RabbitMQ for the doorbells instead of Valkey, chosen by URL alone."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import REPETITIONS, Figure, Results
from tests.bench.pipeline import SUSTAINED, SUSTAINED_FIRST, flood, light, warm
from tests.bench.stack import running
from tests.support.rabbitmq import PROGRAM, RabbitMQ

CASES = 1_000
LIGHT_FIRST = 1_000


def run(_stack: object, results: Results) -> None:
    """Add the sustained rate, against that with Valkey, and the latency at light load."""
    if not PROGRAM.exists():
        sys.stderr.write("bench: rabbitmq left out, Debian's rabbitmq-server is not installed\n")
        return
    with broker(), running("tests.bench.other_broker") as stack:
        warm(stack)
        rates = [flood(stack, SUSTAINED_FIRST + at * CASES, CASES)[0] for at in range(REPETITIONS)]
        results.add(Figure(f"{SUSTAINED}, with RabbitMQ", "1/s", rates, against=SUSTAINED))
        light(stack, results, LIGHT_FIRST, " with RabbitMQ")


@contextmanager
def broker() -> Iterator[None]:
    """A RabbitMQ of our own, its URL in the environment of what is started meanwhile."""
    with tempfile.TemporaryDirectory(prefix="ruta-rabbitmq-", ignore_cleanup_errors=True) as folder:
        server = RabbitMQ(Path(folder))
        server.start()
        os.environ["BENCH_BROKER_URL"] = server.url
        try:
            yield
        finally:
            del os.environ["BENCH_BROKER_URL"]
            server.stop()
