"""A job with a pause: the first ring is answered at once, what comes meanwhile is done together, nothing is left."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from shared.bus import Doorbell, publish, transaction
from tests.integration.bus.scenario import NOW, withdrawn
from tests.integration.bus.test_worker import consuming, wait_for_effects, wait_until

PAUSE = 0.3
FACTS = 60


@pytest.fixture
def worker(clean_stack, referral):
    arguments = [clean_stack.database_url("referral"), clean_stack.broker_url, str(PAUSE)]
    process = subprocess.Popen([sys.executable, "-m", "tests.integration.bus.worker", *arguments])
    assert wait_until(lambda: consuming(clean_stack.broker_url))
    yield process
    process.kill()
    process.wait()


def transactions(engine):
    """How many transactions acted on something."""
    with engine.begin() as conn:
        return conn.execute(
            text("SELECT count(DISTINCT CAST(xmin AS text)) FROM referral.bus_test_effect")
        ).scalar_one()


def test_what_comes_while_it_rests_is_acted_on_together_and_all_of_it(clean_stack, referral, worker):
    doorbell = Doorbell(clean_stack.broker_url)
    begun = time.monotonic()
    for _ in range(FACTS):
        with transaction(clean_stack.engine("intake"), doorbell) as conn:
            publish(conn, [withdrawn()], now=NOW)
    assert wait_for_effects(referral, FACTS) == FACTS
    rounds = (time.monotonic() - begun) / PAUSE
    assert transactions(referral) <= rounds + 2


def test_facts_of_one_subject_all_come_although_each_waits_for_the_one_before(clean_stack, referral, worker):
    person = withdrawn().person_id
    with transaction(clean_stack.engine("intake"), Doorbell(clean_stack.broker_url)) as conn:
        publish(conn, [withdrawn(person, seq=n) for n in (1, 2, 3)], now=NOW)
    assert wait_for_effects(referral, 3) == 3


def test_asked_to_stop_while_it_rests_it_ends(clean_stack, referral, worker):
    with transaction(clean_stack.engine("intake"), Doorbell(clean_stack.broker_url)) as conn:
        publish(conn, [withdrawn()], now=NOW)
    assert wait_for_effects(referral, 1) == 1
    worker.terminate()
    assert worker.wait(timeout=30) == 0
