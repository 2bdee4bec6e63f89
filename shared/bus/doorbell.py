"""Doorbells: Celery tasks without arguments that wake a worker. They carry no data and may be lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import redis
from celery import Celery
from kombu.exceptions import KombuError

from shared import logs

COALESCE_SECONDS = 5
"""How long a doorbell counts as waiting. Longer than a busy worker needs to come round, short enough that one lost
with its worker is rung again by the next publisher."""
PAUSE_AFTER_FAILURE = 2.0
"""While the broker is away nobody waits for it: for this many seconds after a call failed none is tried."""
ANSWER_SECONDS = 0.5
"""How long the broker may take to answer."""
AT_ONCE = {"max_retries": 1, "interval_start": 0}
"""Who rings dials a broker that is away once more and waits for nothing; Celery would wait two seconds in between."""

REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
"""Brokers that speak the Redis protocol; anything else (RabbitMQ) is Celery's business alone."""

log = logs.get(__name__)


def drain_of(subscriber: str, *, urgent: bool = False) -> str:
    """The job that empties the inbox of `subscriber`; the urgent one takes only what goes first."""
    return f"{subscriber}.drain_urgent" if urgent else f"{subscriber}.drain"


class Doorbell:
    """Rings for jobs, e.g. `referral.drain`. Thread-safe; never raises, never blocks longer than a second."""

    def __init__(self, broker_url: str) -> None:
        self._redis = (
            redis.Redis.from_url(
                broker_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
            )
            if broker_url.startswith(REDIS_SCHEMES)
            else None
        )
        self._celery = Celery("doorbell", broker=broker_url, set_as_current=False)
        self._celery.conf.update(
            task_ignore_result=True,
            # Redis answers each command; RabbitMQ has to be asked to, else what is written to a connection that nobody
            # reads any more counts as rung.
            broker_transport_options=(
                {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
                if self._redis is not None
                else {"confirm_publish": True, **AT_ONCE}
            ),
            broker_connection_timeout=ANSWER_SECONDS,
            broker_pool_limit=4,
        )
        self._recent: dict[str, float] = {}
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def ring_all(self, jobs: Iterable[str]) -> None:
        """Wake each job."""
        for job in jobs:
            self.ring(job)

    def ring(self, job: str) -> bool:
        """Wake `job` (`<service>.<name>`), unless it was rung and has not begun. Returns False if it could not be."""
        if time.monotonic() < self._quiet_until:
            return False
        noted = False
        try:
            if self._waiting(job):
                return True
            noted = True
            self._send(job)
        except (redis.RedisError, KombuError, OSError) as error:
            self._quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
            log.warning("doorbell could not ring", doorbell=job, error_class=type(error).__name__)
            if noted:
                self.begun(job)  # it does not wait: the next ring must not think so
            return False
        return True

    def _send(self, job: str) -> None:
        with self._celery.producer_or_acquire() as producer:
            try:
                self._celery.send_task(
                    job,
                    queue=job.partition(".")[0],
                    retry=False,
                    ignore_result=True,
                    producer=producer,
                    confirm_timeout=ANSWER_SECONDS,
                )
            except (KombuError, OSError):
                if self._redis is None:  # Redis' own client drops a connection that failed
                    producer.connection.collect()
                raise

    def begun(self, job: str) -> None:
        """The job has begun: whatever is published from now on needs a new ring."""
        with self._lock:
            self._recent.pop(job, None)
        if self._redis is not None and time.monotonic() >= self._quiet_until:
            try:
                self._redis.delete(_key(job))
            except redis.RedisError as error:
                self._quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
                log.warning("doorbell not cleared", doorbell=job, error_class=type(error).__name__)

    def _waiting(self, job: str) -> bool:
        if self._redis is not None:
            return not self._redis.set(_key(job), "1", nx=True, ex=COALESCE_SECONDS)
        with self._lock:
            now = time.monotonic()
            if now - self._recent.get(job, -60.0) < 0.05:
                return True
            self._recent[job] = now
            return False


def _key(job: str) -> str:
    return f"ruta:doorbell:{job}"
