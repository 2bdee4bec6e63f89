"""A real Celery worker on a real Valkey: doorbells wake it, and it needs none of them."""

import signal
import socket
import subprocess
import sys
import time

import pytest
import redis
from celery import Celery

from shared.bus import Doorbell, publish, transaction
from tests.integration.bus.scenario import NOW, effects, withdrawn

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def run_worker(clean_stack, referral):
    started = []

    def run(broker_url):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integration.bus.worker",
                clean_stack.database_url("referral"),
                broker_url,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
    # The next test must not take it for its own.
    assert wait_until(lambda: not consuming(clean_stack.broker_url))


def publish_some(stack, doorbell=None, count=3):
    with transaction(stack.engine("intake"), doorbell) as conn:
        publish(conn, [withdrawn() for _ in range(count)], now=NOW)


def wait_for_effects(engine, count, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with engine.begin() as conn:
            if len(effects(conn)) >= count:
                return len(effects(conn))
        time.sleep(0.05)
    with engine.begin() as conn:
        return len(effects(conn))


def consuming(broker_url):
    """Whether a worker blocks on the referral queue: it has connected and is waiting."""
    with redis.Redis.from_url(broker_url) as broker:
        return any("brpop" in client["cmd"] for client in broker.client_list())


def wait_until(condition, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


class TestWorker:
    def test_a_doorbell_wakes_it(self, clean_stack, referral, run_worker):
        run_worker(clean_stack.broker_url)
        assert wait_until(lambda: consuming(clean_stack.broker_url))
        publish_some(clean_stack, Doorbell(clean_stack.broker_url))
        assert wait_for_effects(referral, 3) == 3

    def test_what_no_doorbell_rang_for_is_swept_up(self, clean_stack, referral, run_worker):
        run_worker(clean_stack.broker_url)
        publish_some(clean_stack)
        assert wait_for_effects(referral, 3) == 3

    def test_it_works_on_without_any_broker(self, clean_stack, referral, run_worker):
        run_worker(NOBODY_LISTENS)
        publish_some(clean_stack, Doorbell(NOBODY_LISTENS))
        assert wait_for_effects(referral, 3) == 3

    def test_a_flushed_broker_costs_nothing(self, clean_stack, referral, run_worker):
        run_worker(clean_stack.broker_url)
        assert wait_until(lambda: consuming(clean_stack.broker_url))
        publish_some(clean_stack, Doorbell(clean_stack.broker_url))
        with redis.Redis.from_url(clean_stack.broker_url) as broker:
            broker.flushall()
        publish_some(clean_stack, Doorbell(clean_stack.broker_url))
        assert wait_for_effects(referral, 6) == 6

    def test_asked_to_stop_it_ends_by_itself(self, clean_stack, referral, run_worker):
        process = run_worker(clean_stack.broker_url)
        assert wait_until(lambda: consuming(clean_stack.broker_url))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


class TestDoorbell:
    def test_rings_are_coalesced_until_the_job_begins(self, clean_stack):
        doorbell = Doorbell(clean_stack.broker_url)
        for _ in range(10):
            doorbell.ring("referral.drain")
        with redis.Redis.from_url(clean_stack.broker_url) as broker:
            assert broker.llen("referral") == 1
            doorbell.begun("referral.drain")
            doorbell.ring("referral.drain")
            assert broker.llen("referral") == 2

    def test_it_carries_no_data(self, clean_stack):
        Doorbell(clean_stack.broker_url).ring("referral.drain")
        with redis.Redis.from_url(clean_stack.broker_url) as broker:
            message = broker.lindex("referral", 0)
        assert b'"argsrepr": "()"' in message
        assert b'"kwargsrepr": "{}"' in message

    @pytest.mark.timeout(20)  # to wait half a second each time would take fifty
    @pytest.mark.parametrize("scheme", ["redis", "amqp"])
    @pytest.mark.parametrize("hangs", [False, True])
    def test_without_a_broker_it_says_so_and_returns_at_once(self, hangs, scheme):
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, never answers
            port = silent.getsockname()[1] if hangs else 1
            doorbell = Doorbell(f"{scheme}://127.0.0.1:{port}/0")
            for _ in range(100):
                assert doorbell.ring("intake.drain") is False

    def test_a_ring_that_failed_does_not_count_as_waiting(self, clean_stack, monkeypatch):
        monkeypatch.setattr("shared.bus.doorbell.PAUSE_AFTER_FAILURE", 0.0)
        doorbell = Doorbell(clean_stack.broker_url)
        with monkeypatch.context() as patch:
            patch.setattr(doorbell, "_celery", Celery(broker=NOBODY_LISTENS, set_as_current=False))
            assert doorbell.ring("referral.drain") is False
        assert doorbell.ring("referral.drain") is True
        with redis.Redis.from_url(clean_stack.broker_url) as broker:
            assert broker.llen("referral") == 1
