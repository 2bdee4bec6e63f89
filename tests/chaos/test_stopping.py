"""A worker that is asked to stop while the gateway hangs: it ends by itself in time and leaves nothing wrong behind."""

import signal

import pytest

from services.notifications.channels.kannel import PARALLEL, PARALLEL_URGENT
from shared.background import STOP_SECONDS
from tests.chaos import cases
from tests.chaos.evidence import read_gateway_log
from tests.chaos.product import Product
from tests.chaos.test_gateway import serve

CASES = 12
AT_ONCE = PARALLEL + PARALLEL_URGENT


@pytest.fixture(scope="module")
def product(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stopping")
    with serve(folder / "gateway.jsonl") as gateway:
        made = Product(stack, folder, gateway)
        made.begin()
        yield made
        gateway.behave("normal")
        made.server.shutdown()


@pytest.fixture
def worker(product):
    with product.worker("notifications") as process:
        yield process


def messages(product):
    """How many messages are in which state, by audience, and how often they were tried."""
    with product.admin() as conn:
        return conn.execute(
            "SELECT audience, status, attempts, count(*) FROM notifications.notification GROUP BY 1, 2, 3"
        ).fetchall()


def total(rows, *, status, audience=None):
    return sum(count for who, state, _, count in rows if state == status and audience in {None, who})


def test_while_the_gateway_hangs_it_ends_in_time_and_leaves_nothing_wrong(product, worker):
    documents = [cases.assessment(17, number) for number in range(CASES)]
    for document in documents:
        assert product.post(document).status_code == 201
    product.work("referral.drain")
    product.gateway.behave("hang")
    product.work("notifications.drain")
    waiting = total(messages(product), status="queued")
    assert waiting > AT_ONCE
    product.gateway.wait_until(lambda state: state["waiting"] > 0)

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(STOP_SECONDS) == 0

    left = messages(product)
    assert total(left, status="sending") == 0
    assert total(left, status="unknown", audience="organization") == 0
    in_doubt = total(left, status="unknown", audience="person")
    again = sum(count for _, status, tries, count in left if status == "queued" and tries == 1)
    untouched = sum(count for _, status, tries, count in left if status in {"queued", "held"} and tries == 0)
    assert 0 < in_doubt + again <= AT_ONCE
    assert untouched >= waiting - AT_ONCE
    assert list(read_gateway_log(product.gateway.log)) == []
    assert calls_asked_for(product) == in_doubt

    product.gateway.behave("normal")
    for document in documents:
        verdict, _ = product.come_to_rest(document)
    assert (verdict.lost, verdict.doubled, verdict.stuck) == ([], [], [])


def calls_asked_for(product):
    """Persons whom somebody has to call, because nobody knows whether their message arrived."""
    with product.admin() as conn:
        query = "SELECT count(*) FROM notifications.call WHERE reason = 'message_unknown'"
        return conn.execute(query).fetchone()[0]
