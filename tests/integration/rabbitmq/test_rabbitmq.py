"""RabbitMQ by URL instead of Valkey: doorbells ring through it, and work goes on when it dies."""

import subprocess
import sys
import time

import pytest
from celery import Celery
from kombu.exceptions import KombuError
from sqlalchemy import text

from shared.bus import Doorbell, publish, transaction
from shared.web.standing import bus_checks
from tests.chaos.proxy import Proxy
from tests.integration.bus.scenario import NOW, effects, make_effects, withdrawn


@pytest.fixture
def referral(clean_stack):
    engine = clean_stack.engine("referral")
    with engine.begin() as conn:
        make_effects(conn)
    yield engine
    with engine.begin() as conn:
        conn.execute(text("DROP TABLE referral.bus_test_effect"))


@pytest.fixture
def wire(rabbitmq):
    """The way to RabbitMQ, which can go silent."""
    proxy = Proxy(("127.0.0.1", rabbitmq.port)).start()
    yield proxy
    proxy.close()


@pytest.fixture
def worker(clean_stack, referral, wire):
    url = f"amqp://guest:guest@127.0.0.1:{wire.port}//"
    command = [
        sys.executable,
        "-m",
        "tests.integration.bus.worker",
        clean_stack.database_url("referral"),
        url,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def wait_for(condition, seconds=40):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def consumers(url):
    with Celery("probe", broker=url).connection_for_read() as connection:
        declared = connection.default_channel.queue_declare("referral", passive=True)
        return declared.consumer_count


def listening(url):
    try:
        return consumers(url) > 0
    except Exception:
        return False


def acted(engine, count):
    with engine.begin() as conn:
        return len(effects(conn)) >= count


def publish_some(stack, doorbell):
    with transaction(stack.engine("intake"), doorbell) as conn:
        publish(conn, [withdrawn() for _ in range(3)], now=NOW)


@pytest.mark.rabbitmq
class TestRabbitMQ:
    def test_a_doorbell_wakes_the_worker_and_its_death_costs_nothing(
        self, clean_stack, referral, worker, rabbitmq
    ):
        doorbell = Doorbell(rabbitmq.url)
        assert wait_for(lambda: listening(rabbitmq.url))
        publish_some(clean_stack, doorbell)
        assert wait_for(lambda: acted(referral, 3))
        rabbitmq.stop()
        publish_some(clean_stack, doorbell)
        assert wait_for(lambda: acted(referral, 6))
        rabbitmq.start()
        assert wait_for(lambda: listening(rabbitmq.url))
        publish_some(clean_stack, doorbell)
        assert wait_for(lambda: acted(referral, 9))
        with referral.begin() as conn:
            assert len(effects(conn)) == len(set(effects(conn))) == 9

    def test_readiness_tells_whether_it_answers(self, clean_stack, rabbitmq, wire):
        url = f"amqp://guest:guest@127.0.0.1:{wire.port}//"
        _, broker = bus_checks(clean_stack.engine("referral"), "referral", url)
        broker.probe()
        wire.silence()
        with pytest.raises((KombuError, OSError)):
            broker.probe()

    def test_a_worker_whose_connection_went_silent_gets_another(self, worker, rabbitmq, wire):
        assert wait_for(lambda: listening(rabbitmq.url))
        wire.strand()
        assert wait_for(lambda: not listening(rabbitmq.url))
        assert wait_for(lambda: listening(rabbitmq.url))

    def test_a_ring_into_a_silent_connection_is_none_and_the_next_goes_out(self, rabbitmq, wire):
        doorbell = Doorbell(f"amqp://guest:guest@127.0.0.1:{wire.port}//")
        assert doorbell.ring("nobody.job")
        wire.strand()
        assert not doorbell.ring("nobody.another")
        assert wait_for(lambda: doorbell.ring("nobody.third"))
