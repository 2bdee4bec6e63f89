"""Every place of the catalogue, reached through the real services and killed there once: nothing is lost, nothing is
done twice, and no person's phone gets a message twice."""

from datetime import timedelta

import pytest

from shared.failpoints import CATALOGUE
from tests.chaos import cases
from tests.chaos.evidence import read_gateway_log
from tests.chaos.product import ALL, Product
from tests.chaos.test_gateway import serve
from tests.model.pipeline import GATEWAY_SECRET
from tests.model.test_every_job import REACHED_BY

HAPPENS_IN = {
    "publish.before_commit": "post",
    "publish.after_commit": "post",
    "doorbell.after_ring": "post",
    "drain.after_claim": "referral.drain",
    "drain.after_handlers": "referral.drain",
    "drain.before_commit": "referral.drain",
    "drain.after_commit": "referral.drain",
    "send.after_take": "notifications.send",
    "send.after_claim": "notifications.send",
    "send.after_gateway": "notifications.send",
    "send.before_commit": "notifications.send",
    "report.after_commit": "report",
    "receipt.before_commit": "notifications.settle",
    "reply.before_commit": "notifications.answer",
    "clock.after_claim": "referral.run_due_clocks",
    "clock.before_commit": "referral.run_due_clocks",
}
"""In which step of the product a place is reached first."""


@pytest.fixture(scope="module")
def made(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crash")
    with serve(folder / "gateway.jsonl") as gateway:
        product = Product(stack, folder, gateway)
        yield product
        product.server.shutdown()


@pytest.fixture
def product(made):
    made.begin()
    return made


def prepare(product, step, document):
    """Bring a case to just before `step`, so that it has something to do. Returns what that step takes."""
    if step == "post":
        return document
    assert product.post(document).status_code == 201
    if step == "report":
        product.gateway.behave("silent")
    before = {"referral.drain": 0, "referral.run_due_clocks": 1, "notifications.send": 2}
    product.work(*ALL[: before.get(step, 3)])
    if step == "referral.run_due_clocks":
        product.pass_time(timedelta(days=2))
    elif step == "notifications.settle":
        product.gateway.wait_for_reports()
    elif step == "notifications.answer":
        product.gateway.answer(product.environment, GATEWAY_SECRET, "1")
    elif step == "report":
        product.gateway.behave("normal")
        return {"reference": list(read_gateway_log(product.gateway.log))[-1].reference}
    return document


def test_the_table_above_has_every_place():
    """Those of jobs that send nothing are killed without a process of their own, where every job is."""
    assert set(HAPPENS_IN) | set(REACHED_BY) == set(CATALOGUE)


@pytest.mark.parametrize("point", sorted(HAPPENS_IN))
def test_killed_there_nothing_is_lost_and_no_phone_rings_twice(point, product):
    document = cases.assessment(7, 1)
    step = HAPPENS_IN[point]
    given = prepare(product, step, document)
    product.die(point, step, given)
    if step == "post":
        assert product.post(document).status_code in {200, 201}
    elif step == "report":
        assert product.bring_report(given).status_code == 200
    verdict, found = product.come_to_rest(document)
    assert (verdict.lost, verdict.doubled, verdict.stuck) == ([], [], [])
    assert found.accepted
