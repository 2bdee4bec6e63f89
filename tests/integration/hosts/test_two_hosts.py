"""The same worker on two hosts, against one database and broker: one is cut off for a while, then for good."""

import os
import time
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url, text

from shared.bus import Doorbell, publish, transaction
from tests.integration.bus.scenario import NOW, effects, make_effects, states, withdrawn
from tests.integration.hosts.machines import Forwarder, Host

pytestmark = [pytest.mark.namespaces, pytest.mark.timeout(300)]
CUT_SECONDS = float(os.environ.get("RUTA_CUT_SECONDS", "12"))
TAKEOVER_SECONDS = 60
"""Work that a vanished host had claimed is free again when its connection is noticed to be dead: within this time."""


@pytest.fixture
def referral(clean_stack):
    engine = clean_stack.engine("referral")
    with engine.begin() as conn:
        make_effects(conn)
    yield engine
    with engine.begin() as conn:
        conn.execute(text("DROP TABLE referral.bus_test_effect"))


@pytest.fixture
def hosts(clean_stack, referral):
    """Two hosts, each running a worker that reaches database and broker over its own cable."""
    database, broker = clean_stack.embedded.postgres.port, urlsplit(clean_stack.broker_url).port
    started, forwarders = [], []
    try:
        for number in (1, 2):
            host = Host(number).start()
            started.append(host)
            forwarders += [Forwarder(host.machine, port, port) for port in (database, broker)]
            over_cable = make_url(clean_stack.database_url("referral")).set(
                host=host.machine, port=database, query={}
            )
            url = over_cable.render_as_string(hide_password=False)
            host.run(
                "tests.integration.bus.worker", url, clean_stack.broker_url.replace("127.0.0.1", host.machine)
            )
        yield started
    finally:
        for host in started:
            host.remove()
        for forwarder in forwarders:
            forwarder.stop()


class Load:
    """Publishes as it is told and counts what it was told is durable."""

    def __init__(self, stack):
        self.engine, self.doorbell, self.published = stack.engine("intake"), Doorbell(stack.broker_url), 0

    def some(self, count=20):
        with transaction(self.engine, self.doorbell) as conn:
            publish(conn, [withdrawn() for _ in range(count)], now=NOW)
        self.published += count

    def during(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.some()
            time.sleep(0.1)


def wait_until_done(engine, load, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with engine.begin() as conn:
            if states(conn) == {"done": load.published}:
                return True
        time.sleep(0.1)
    return False


def test_one_is_cut_off_for_a_while_and_then_for_good(clean_stack, referral, hosts):
    load = Load(clean_stack)
    load.some()
    assert wait_until_done(referral, load, 60)
    load.during(3)
    hosts[0].cut()
    load.during(CUT_SECONDS)
    assert wait_until_done(referral, load, TAKEOVER_SECONDS), "the other host did not take over"
    hosts[0].mend()
    load.during(5)
    hosts[1].cut()
    load.during(5)
    assert wait_until_done(referral, load, TAKEOVER_SECONDS), "the mended host did not come back"
    with referral.begin() as conn:
        acted = effects(conn)
    assert len(acted) == len(set(acted)) == load.published
