"""A worker on a host whose clock is an hour off decides by the database's clock what is due."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import cases
from tests.chaos.clocks import wrong_by
from tests.chaos.product import Product
from tests.chaos.test_gateway import serve

pytestmark = pytest.mark.faketime
SOON = timedelta(minutes=30)


@pytest.fixture
def product(stack, tmp_path):
    with serve(tmp_path / "gateway.jsonl") as gateway:
        made = Product(stack, tmp_path, gateway)
        made.begin()
        yield made
        made.server.shutdown()


def test_such_a_process_really_has_another_clock(product):
    shown = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=wrong_by(1),
        capture_output=True,
        text=True,
        check=True,
    )
    assert 3_000 < float(shown.stdout) - time.time() < 4_200


def sent(product, document):
    with product.admin() as conn:
        query = """
            SELECT count(*) FROM notifications.delivery d JOIN notifications.notification n ON n.id = d.notification_id
            WHERE n.assessment_id = %s AND d.ended = 'accepted'
        """
        return conn.execute(query, (document["id"],)).fetchone()[0]


@pytest.mark.parametrize("hours", [1, -1])
def test_it_sends_what_is_due_and_nothing_before(product, hours):
    due, later = cases.assessment(19, 1), cases.assessment(19, 2)
    for document in (later, due):
        assert product.post(document).status_code == 201
        product.work("referral.drain", "notifications.drain")
        if document is later:
            product.pass_time(-SOON)
    with product.worker("notifications", **wrong_by(hours)):
        until = time.monotonic() + 60
        while not sent(product, due):
            assert time.monotonic() < until
            time.sleep(0.1)
    assert sent(product, later) == 0
    with product.admin() as conn:
        query = "SELECT min(started_at), max(ended_at) FROM notifications.delivery"
        began, ended = conn.execute(query).fetchone()
    now = datetime.now(UTC)
    assert now - timedelta(minutes=5) < began <= ended < now + timedelta(minutes=5)
