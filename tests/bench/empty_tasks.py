"""Celery with an empty task: `python -m tests.bench.empty_tasks N` publishes N of them."""

import os
import sys

import redis
from celery import Celery

BROKER = os.environ["BENCH_BROKER"]

app = Celery("bench", broker=BROKER)
app.conf.update(
    task_default_queue="bench_empty",
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=16,
)
broker = redis.Redis.from_url(BROKER)


@app.task(name="bench.empty")
def empty():
    """Nothing but a count, so that the end can be seen (some 2 % of what a task costs)."""
    broker.incr("bench_done")


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        empty.delay()
