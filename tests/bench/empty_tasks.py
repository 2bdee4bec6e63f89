"""Celery with an empty task: `python -m tests.bench.empty_tasks N` publishes N of them and prints when it began."""

import os
import sys
import time

from celery import Celery

BROKER = os.environ["BENCH_BROKER"]
QUEUE = "bench_empty"

app = Celery("bench", broker=BROKER)
app.conf.update(
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_acks_late=os.environ.get("BENCH_ACKS", "late") == "late",
    worker_prefetch_multiplier=16,
)


@app.task(name="bench.empty")
def empty():
    """Nothing at all: what it would do is not what is measured."""


if __name__ == "__main__":
    with app.connection_for_write():
        begun = time.time()
        for _ in range(int(sys.argv[1])):
            empty.delay()
    print(begun)  # noqa: T201
