"""The ladder's Celery rungs: empty tasks, published one by one and run, by each kind of worker that fits the machine.

The end is seen from outside (an empty queue and nothing unacknowledged), so that the task does nothing at all; the
clock begins with the first publish, not with the publisher's start.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.bench.figures import BEST_CELERY, REPETITIONS, Figure, Results

QUEUE = "bench_empty"
TASKS = 3_000
WARM = 100
POOLS = {
    "prefork 2, acknowledged late": ("late", "--pool=prefork", "--concurrency=2"),
    "prefork 2, acknowledged early": ("early", "--pool=prefork", "--concurrency=2"),
    "prefork 1, acknowledged late": ("late", "--pool=prefork", "--concurrency=1"),
    "solo, acknowledged late": ("late", "--pool=solo"),
    "threads 4, acknowledged late": ("late", "--pool=threads", "--concurrency=4"),
}
QUIET = ("--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat")


def run(broker_url: str, results: Results) -> None:
    """Add the rate of every kind of worker, and the fastest of them as the ceiling of a task per event."""
    found: dict[str, list[float]] = {}
    for name, (acks, *options) in POOLS.items():
        env = {**os.environ, "BENCH_BROKER": broker_url, "BENCH_ACKS": acks}
        with redis.Redis.from_url(broker_url) as broker, worker(env, options):
            published_and_run(env, broker, WARM)
            found[name] = [published_and_run(env, broker, TASKS) for _ in range(REPETITIONS)]
        results.add(Figure(f"empty Celery tasks, {name}", "1/s", found[name]))
    best = max(found, key=lambda name: sorted(found[name])[len(found[name]) // 2])
    results.add(Figure(BEST_CELERY, "1/s", found[best], note=best))


@contextmanager
def worker(env: dict[str, str], options: list[str]) -> Iterator[None]:
    """A Celery worker with nothing of ours in it."""
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.empty_tasks", "worker", f"--queues={QUEUE}"]
    process = subprocess.Popen(
        [*command, *QUIET, *options],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def published_and_run(env: dict[str, str], broker: redis.Redis, count: int) -> float:
    """Tasks a second from the first publish to the last run."""
    command = [sys.executable, "-m", "tests.bench.empty_tasks", str(count)]
    publisher = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    begun, _ = publisher.communicate(timeout=120)
    return count / (wait_until_done(broker) - float(begun))


def wait_until_done(broker: redis.Redis, seconds: float = 120.0) -> float:
    """Wait until no task waits or is under way; returns when that was."""
    until = time.time() + seconds
    seen: float | None = None
    while time.time() < until:
        with broker.pipeline(transaction=True) as pipe:
            pipe.llen(QUEUE)
            pipe.hlen("unacked")
            waiting = sum(pipe.execute())
        if waiting:
            seen = None
        elif seen is not None:  # twice in a row: a task is in neither for an instant on its way to a worker
            return seen
        else:
            seen = time.time()
        time.sleep(0.005)
    raise TimeoutError(f"the empty tasks were not run within {seconds} s")
