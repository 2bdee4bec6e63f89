"""The stand-in for an SMS gateway keeps its log honestly: a message is in it if and only if a phone gets it."""

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
    def __init__(self, port, log):
        self.url, self.log = f"http://127.0.0.1:{port}", log

    def send(self, **changes):
        report = f"http://127.0.0.1:1/reports/{REFERENCE}?code=%d"
        params = {"to": "+573000000001", "text": "Hola", "dlr-url": report, **changes}
        return requests.get(f"{self.url}/cgi-bin/sendsms", params=params, timeout=10)

    def behave(self, mode):
        requests.post(f"{self.url}/control", params={"mode": mode}, timeout=5).raise_for_status()

    def accepted(self):
        return [(one.to, one.reference) for one in read_gateway_log(self.log)]


@pytest.fixture
def gateway(tmp_path):
    port, log = free_port(), tmp_path / "log.jsonl"
    process = subprocess.Popen([sys.executable, "-m", "tests.chaos.gateway", str(port), str(log)], cwd=ROOT)
    sender = Sender(port, log)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            sender.behave("normal")
            break
        except requests.ConnectionError:
            time.sleep(0.05)
    yield sender
    process.kill()
    process.wait()


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
