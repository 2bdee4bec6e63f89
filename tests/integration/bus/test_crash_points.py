"""Each step of publishing and draining is a place to die: a process is killed exactly there, and nothing is lost or
done twice."""

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from shared.bus import drain
from shared.failpoints import CATALOGUE, reach
from tests.integration.bus.crash import write_and_publish
from tests.integration.bus.scenario import effects, inbox, states
from tests.integration.bus.test_worker import wait_until

BUS_POINTS = [name for name in CATALOGUE if name.startswith(("publish.", "doorbell.", "drain."))]
BEFORE_ANYTHING_IS_DURABLE = {"publish.before_commit"}


def not_in_a_transaction(engine):
    """Whether the server has noticed the death: until then it holds what the dead process had claimed."""
    others = """
        SELECT count(*) FROM pg_stat_activity
        WHERE state <> 'idle' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    """
    with engine.connect() as conn:
        return conn.execute(text(others)).scalar_one() == 0


@pytest.mark.parametrize("point", BUS_POINTS)
def test_killed_there_nothing_is_lost_and_nothing_done_twice(point, clean_stack, referral):
    urls = [clean_stack.database_url("intake"), clean_stack.database_url("referral"), clean_stack.broker_url]
    died = subprocess.run(
        [sys.executable, "-m", "tests.integration.bus.crash", *urls],
        env={**os.environ, "RUTA_FAILPOINT": point},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    assert wait_until(lambda: not_in_a_transaction(referral))
    drain(inbox(referral, write_and_publish))
    expected = 0 if point in BEFORE_ANYTHING_IS_DURABLE else 10
    with referral.begin() as conn:
        acted = effects(conn)
        assert len(acted) == len(set(acted)) == expected
        assert states(conn).get("done", 0) == expected
        published = conn.execute(text("SELECT count(*) FROM bus.event")).scalar_one()
    assert published == expected


def test_a_place_that_is_not_in_the_catalogue_cannot_be_reached():
    with pytest.raises(KeyError):
        reach("somewhere.else")
