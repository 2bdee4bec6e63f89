"""Celery workers: one process per service that wakes when a doorbell rings, and looks by itself now and then.

A *job* is work whose truth lies in tables (drain the inbox, send what is queued, run due clocks). It takes no
arguments, may be run at any time, by several at once, and does nothing when nothing is due. A doorbell starts it
through Celery. A sweeper thread in each worker asks every few seconds which jobs have something due: it rings for
them, and when ringing has not helped (broker away, consumer stuck, doorbell lost) it runs them itself. So a broker
that is empty, restarted or gone costs latency and nothing else.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery import Celery
from celery.signals import worker_shutting_down
from celery.worker.request import Request
from kombu import Queue
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from shared import clock, logs, tracing
from shared.bus import Doorbell, Inbox, drain, oldest_due_seconds
from shared.bus.doorbell import REDIS_SCHEMES

SWEEP_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
"""How long something may be due before the sweeper stops trusting doorbells and does the job itself."""
TURN_SECONDS = 10.0
"""How long a job with a pause goes on while more comes, before the others of its thread have their turn."""
URGENT_PAUSE = 0.02
"""Seconds that a job for emergencies alone rests after a crowd: enough to be done once at a time, and no more."""
CONCURRENCY = 6
STOP_SECONDS = 30.0
"""A worker that is asked to stop has ended by itself within this time, also while a gateway hangs."""
GRACE_SECONDS = 40.0
"""How long whoever stops it waits: `ruta up`, stop_grace_period, terminationGracePeriodSeconds."""
LAST_SWEEP_SECONDS = 20.0
HEARTBEAT_SECONDS = 5
"""Less, and RabbitMQ's own manual warns of false alarms."""
CLOCK = text("SELECT clock_timestamp()")
CLOCK_SECONDS = 0.5

log = logs.get(__name__)


@dataclass(frozen=True)
class Job:
    """`name` is `<service>.<job>`, also the Celery task's name. `oldest_due()` answers how many seconds the oldest
    due piece has waited, or None when nothing is due. `run(should_stop)` does what is due, or one round of it, and
    answers how much that was.

    With a `pause` (seconds) the job runs once at a time in this worker, and rests that long after each run that did
    `crowd` pieces or more: the first ring is answered at once, and what comes meanwhile is done together. So a quiet
    service is quick, and a busy one acts in sets, which cost a fraction.
    """

    name: str
    oldest_due: Callable[[], float | None]
    run: Callable[[Callable[[], bool]], Any]
    pause: float = 0.0
    crowd: int = 0


@dataclass
class _Turn:
    """Whether a job with a pause is under way, and whether it was rung for since its doorbell was last cleared."""

    running: bool = False
    rung: bool = False


def drain_job(inbox: Inbox, *, pause: float = 0.0, crowd: int = 0) -> Job:
    """The job that every subscriber has: act on what is due in its inbox. `pause` and `crowd` as in Job."""

    def oldest_due() -> float | None:
        with inbox.engine.connect() as conn:
            return oldest_due_seconds(conn, inbox.subscriber, last_priority=inbox.last_priority)

    def run(should_stop: Callable[[], bool]) -> int:
        return drain(inbox, should_stop=should_stop, to_the_last=not pause).done

    return Job(inbox.job, oldest_due, run, pause, crowd)


@dataclass
class Worker:
    """A service's worker: its Celery app, its jobs, and the doorbell it shares with its publishers."""

    celery: Celery
    doorbell: Doorbell
    jobs: Sequence[Job]
    broker_url: str
    engine: Engine | None = None
    """Whose clock is followed: see shared.clock."""
    tell: Callable[[], None] = lambda: None
    """Called every few seconds, before jobs are looked at: what this service tells of itself."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _turns: dict[str, _Turn] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what is under way and return, within STOP_SECONDS."""
        self.celery.conf.update(
            broker_url=self.broker_url, broker_transport_options=_options(self.broker_url)
        )
        tracing.configure(f"{self.celery.main} worker")
        for job in self.jobs:
            self._register(job)
        self._follow_clock()
        worker_shutting_down.connect(self._on_shutdown, weak=False)
        sweeper = threading.Thread(target=self._sweep_forever, name="sweeper", daemon=True)
        sweeper.start()
        service = str(self.celery.main)
        self.celery.worker_main(
            [
                "worker",
                "--pool=threads",
                f"--concurrency={CONCURRENCY}",
                f"--queues={service}",
                f"--hostname={service}@%h",
                "--loglevel=WARNING",
                "--without-gossip",
                "--without-mingle",
                # Its events travel on a connection of their own, and to close one that went silent would wait for ever.
                "--without-heartbeat",
            ]
        )
        self.stopping.set()
        sweeper.join(timeout=LAST_SWEEP_SECONDS)

    def _register(self, job: Job) -> None:
        def task(**_: Any) -> None:
            self._do(job)

        self.celery.task(task, name=job.name, shared=False, ignore_result=True, Request=_Rung)

    def _do(self, job: Job) -> None:
        if not job.pause:
            self.doorbell.begun(job.name)
            self._run(job)
            return
        with self._lock:
            turn = self._turns.setdefault(job.name, _Turn())
            turn.rung = True
            if turn.running:
                return  # whoever runs it comes round again
            turn.running = True
        done, until = 0, time.monotonic() + TURN_SECONDS
        while self._goes_on(job, turn, done, until):
            done = self._run(job)
            if done >= job.crowd:
                self.stopping.wait(job.pause)
        if done:
            self.doorbell.begun(job.name)
            self.doorbell.ring(job.name)

    def _goes_on(self, job: Job, turn: _Turn, done: int, until: float) -> bool:
        """Whether to run once more. The doorbell counts as waiting as long as every run finds something, so that a
        busy job is not rung for at each pause; then it is cleared, and looked once more for whoever did not ring."""
        with self._lock:
            looks_again = turn.rung and not done
            wanted = looks_again or (done > 0 and time.monotonic() < until)
            turn.running = wanted and not self.stopping.is_set()
            turn.rung = turn.rung and not looks_again
            goes_on = turn.running
        if looks_again:
            self.doorbell.begun(job.name)
        return goes_on

    def _run(self, job: Job) -> int:
        """How much it did."""
        try:
            with tracing.span(job.name):
                return int(job.run(self.stopping.is_set) or 0)
        except SQLAlchemyError as error:
            log.warning("job interrupted", job=job.name, exc_info=error)
        except Exception as error:  # the sweeper comes round again
            log.error("job failed", job=job.name, exc_info=error)
        return 0

    def _on_shutdown(self, *_: Any, **__: Any) -> None:
        self.stopping.set()

    def _sweep_forever(self) -> None:
        while not self.stopping.wait(SWEEP_SECONDS * random.uniform(0.8, 1.2)):  # noqa: S311
            self._follow_clock()
            self._tell()
            for job in self.jobs:
                self._sweep(job)

    def _follow_clock(self) -> None:
        """Look what time it is at the database. An answer that took long says too little."""
        if self.engine is None:
            return
        try:
            with self.engine.connect() as conn:
                asked = time.monotonic()
                moment = conn.execute(CLOCK).scalar_one()
                answered = time.monotonic()
        except SQLAlchemyError as error:
            log.warning("clock not read", error_class=type(error).__name__)
            return
        if answered - asked < CLOCK_SECONDS:
            clock.follow(moment, (asked + answered) / 2)

    def _tell(self) -> None:
        try:
            self.tell()
        except SQLAlchemyError as error:
            log.warning("standing not told", error_class=type(error).__name__)

    def _sweep(self, job: Job) -> None:
        try:
            waited = job.oldest_due()
        except SQLAlchemyError as error:
            log.warning("sweep interrupted", job=job.name, error_class=type(error).__name__)
            return
        if waited is None or self.stopping.is_set():
            return
        if not self.doorbell.ring(job.name) or waited > PATIENCE_SECONDS:
            self._do(job)


class _Rung(Request):
    """A doorbell as Celery handles it. What was taken is gone from the broker (`no_ack`), so there is nothing to
    acknowledge; to try it on a connection that was lost meanwhile would end the worker."""

    def acknowledge(self) -> None:
        self.acknowledged = True


def _options(broker_url: str) -> dict[str, Any]:
    """What the Redis transport needs to notice a broker that went away."""
    if not broker_url.startswith(REDIS_SCHEMES):
        return {}
    return {
        "socket_timeout": 5.0,
        "socket_connect_timeout": 3.0,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }


def make_celery(service: str) -> Celery:
    """The Celery object of a service: a leaf that any module may import. The worker gives it its broker.

    Every setting only improves latency: what must not be lost lies in PostgreSQL.
    """
    celery = Celery(service, set_as_current=False)
    celery.conf.update(
        task_default_queue=service,
        # A doorbell that dies with its worker is not worth the keeping: the sweepers find what it rang for.
        task_queues=[Queue(service, no_ack=True)],
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_soft_shutdown_timeout=20.0,
        # RabbitMQ alone: a connection that went silent is given up after twice this long, not after four minutes.
        broker_heartbeat=HEARTBEAT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        timezone="UTC",
    )
    return celery
