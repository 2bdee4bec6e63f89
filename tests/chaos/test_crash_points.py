"""Every place of the catalogue, reached through the real services and killed there once: nothing is lost, nothing is
done twice, and no person's phone gets a message twice."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psycopg
import pytest
import requests
from werkzeug.serving import make_server

from deploy.local.embedded.ports import free_port
from services.referral.operations.directory import import_hsds
from shared.clock import utc_now
from shared.failpoints import CATALOGUE
from tests.chaos import cases
from tests.chaos.checker import judge
from tests.chaos.crash import PATH, headers, worker_of
from tests.chaos.evidence import Evidence, ask_tables, read_gateway_log
from tests.chaos.ledger import Entry
from tests.chaos.test_gateway import serve
from tests.model.pipeline import GATEWAY_SECRET, environment_of, shift, web_of

ALL = (
    "referral.drain",
    "notifications.drain",
    "notifications.send",
    "notifications.settle",
    "notifications.answer",
    "notifications.follow_up",
    "referral.run_due_clocks",
    "intake.drain",
)
HAPPENS_IN = {
    "publish.before_commit": "post",
    "publish.after_commit": "post",
    "doorbell.after_ring": "post",
    "drain.after_claim": "referral.drain",
    "drain.after_handlers": "referral.drain",
    "drain.before_commit": "referral.drain",
    "drain.after_commit": "referral.drain",
    "send.after_claim": "notifications.send",
    "send.after_gateway": "notifications.send",
    "send.before_commit": "notifications.send",
    "receipt.before_commit": "notifications.settle",
    "reply.before_commit": "notifications.answer",
    "clock.after_claim": "referral.run_due_clocks",
    "clock.before_commit": "referral.run_due_clocks",
}
"""In which step of the product a place is reached first."""


SERVICES = ("intake", "referral", "notifications")
ROUNDS = 8


class Product:
    """The services on the tests' stack: web over real HTTP, jobs in this process, a gateway in another."""

    def __init__(self, stack, folder, gateway):
        self.stack, self.folder, self.gateway = stack, folder, gateway
        port = free_port()
        self.environment = environment_of(
            stack,
            web=f"http://127.0.0.1:{port}",
            SMS_CHANNEL="kannel",
            KANNEL_SENDSMS_URL=f"{gateway.url}/cgi-bin/sendsms",
            KANNEL_USERNAME="ruta",
            KANNEL_PASSWORD="chaos",
            KANNEL_SMS_FROM="88888",
        )
        self.server = make_server("127.0.0.1", port, web_of(self.environment), threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.jobs = {job.name: job for name in SERVICES for job in worker_of(name, self.environment).jobs}

    def begin(self):
        """Empty everything and import the directory."""
        self.stack.clean()
        self.gateway.log.write_text("")
        with self.stack.engine("referral").begin() as conn:
            import_hsds(conn, cases.directory(), now=utc_now())

    def post(self, document):
        url = self.environment["INTAKE_URL"] + PATH
        return requests.post(url, json=document, headers=headers(self.environment), timeout=30)

    def die(self, point, step, document):
        """Run `step` in a process of its own with `point` armed; it must die there."""
        file = self.folder / "document.json"
        file.write_text(json.dumps(document))
        died = subprocess.run(
            [sys.executable, "-m", "tests.chaos.crash", step, str(file)],
            env={**os.environ, **self.environment, "RUTA_FAILPOINT": point},
            capture_output=True,
            check=False,
        )
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-3000:]

    def work(self, *names):
        for name in names:
            self.jobs[name].run(lambda: False)

    def pass_time(self, span):
        shift(self.admin(), span)

    def admin(self) -> psycopg.Connection:
        return self.stack.embedded.postgres.connect("ruta")

    def come_to_rest(self, document):
        """Let everybody work on, time passing in between, until all is well or it cannot become so any more."""
        entry = Entry(document["id"], "", tuple(need["id"] for need in document["needs"]), 0.0)
        for _ in range(ROUNDS):
            self.work(*ALL)
            self.pass_time(timedelta(minutes=2))
            found = Evidence(ledger=[entry], accepted=list(read_gateway_log(self.gateway.log)))
            with self.admin() as conn:
                verdict = judge(ask_tables(conn, found))
            if verdict.is_good and found.accepted:
                break
        return verdict, found


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
    """Bring a case to just before `step`, so that it has something to do."""
    if step == "post":
        return
    assert product.post(document).status_code == 201
    before = {"referral.drain": 0, "referral.run_due_clocks": 1, "notifications.send": 2}
    product.work(*ALL[: before.get(step, 3)])
    if step == "referral.run_due_clocks":
        product.pass_time(timedelta(days=2))
    elif step == "notifications.settle":
        product.gateway.wait_for_reports()
    elif step == "notifications.answer":
        product.gateway.answer(product.environment, GATEWAY_SECRET, "1")


def test_the_table_above_has_every_place():
    assert set(HAPPENS_IN) == set(CATALOGUE)


@pytest.mark.parametrize("point", sorted(CATALOGUE))
def test_killed_there_nothing_is_lost_and_no_phone_rings_twice(point, product):
    document = cases.assessment(7, 1)
    step = HAPPENS_IN[point]
    prepare(product, step, document)
    product.die(point, step, document)
    if step == "post":
        assert product.post(document).status_code in {200, 201}
    verdict, found = product.come_to_rest(document)
    assert (verdict.lost, verdict.doubled, verdict.stuck) == ([], [], [])
    assert found.accepted
