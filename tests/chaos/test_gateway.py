"""The stand-in for an SMS gateway keeps its log honestly: a message is in it if and only if a phone gets it."""

import contextlib
import subprocess
import sys
import time

import pytest
import requests

from deploy.local.embedded.ports import free_port
from tests.chaos.evidence import read_gateway_log
from tests.chaos.world import ROOT

REFERENCE = "0190a000-0000-7000-8000-00000000000d"


class Sender:
    """A gateway of a test's own, and what it took."""

    def __init__(self, port, log):
        self.port, self.log = port, log

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def send(self, *, allow_redirects=True, **changes):
        report = f"http://127.0.0.1:1/reports/{REFERENCE}?code=%d"
        params = {"to": "+573000000001", "text": "Hola", "dlr-url": report, **changes}
        url = f"{self.url}/cgi-bin/sendsms"
        return requests.get(url, params=params, timeout=10, allow_redirects=allow_redirects)

    def behave(self, mode):
        requests.post(f"{self.url}/control", params={"mode": mode}, timeout=5).raise_for_status()

    def accepted(self):
        return [(one.to, one.reference) for one in read_gateway_log(self.log)]

    def state(self):
        return requests.get(f"{self.url}/count", timeout=5).json()

    def wait_until(self, condition):
        """Return when `condition` holds of its state."""
        until = time.monotonic() + 30
        while not condition(self.state()):
            assert time.monotonic() < until, self.state()
            time.sleep(0.05)

    def wait_for_reports(self):
        """Return when every delivery report was taken."""
        self.wait_until(lambda state: not state["open_reports"])

    def answer(self, environment, secret, text):
        """A person answers the last message that a person got."""
        last = list(read_gateway_log(self.log))[-1]
        query = {"from": last.to, "text": text, "id": "1"}
        url = f"{environment['NOTIFICATIONS_URL']}/notifications/api/v1/kannel/{secret}/inbound"
        requests.get(url, params=query, timeout=10).raise_for_status()


@contextlib.contextmanager
def serve(log, port=None):
    port = port or free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.chaos.gateway", str(port), str(log)], cwd=ROOT)
    sender = Sender(port, log)
    until = time.monotonic() + 30
    try:
        while time.monotonic() < until:
            with contextlib.suppress(requests.ConnectionError):
                sender.behave("normal")
                break
            time.sleep(0.05)
        yield sender
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def gateway(tmp_path):
    with serve(tmp_path / "log.jsonl") as sender:
        yield sender


def test_what_it_accepts_is_in_its_log_with_our_reference(gateway):
    assert gateway.send().status_code == 202
    assert gateway.accepted() == [("+573000000001", REFERENCE)]


def test_what_it_refuses_is_not(gateway):
    gateway.behave("refuse")
    assert gateway.send().status_code == 500
    assert gateway.accepted() == []


def test_a_connection_that_breaks_after_acceptance_leaves_the_message_in_the_log(gateway):
    gateway.behave("reset")
    with pytest.raises(requests.ConnectionError):
        gateway.send()
    assert len(gateway.accepted()) == 1


@pytest.mark.parametrize(("mode", "status"), [("redirect", 302), ("error", 200)])
def test_an_answer_that_is_no_kannels_takes_nothing(gateway, mode, status):
    gateway.behave(mode)
    assert gateway.send(allow_redirects=False).status_code == status
    assert gateway.accepted() == []


def test_garbage_is_no_answer_and_takes_nothing(gateway):
    gateway.behave("garbage")
    with pytest.raises(requests.RequestException):
        gateway.send()
    assert gateway.accepted() == []


def test_a_call_without_a_receiver_is_answered_and_takes_nothing(gateway):
    assert gateway.send(to="").status_code == 400
    gateway.behave("reset")
    with pytest.raises(requests.ConnectionError):
        gateway.send(to="")
    assert gateway.accepted() == []
