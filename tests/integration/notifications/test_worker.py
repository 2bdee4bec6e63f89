"""The worker as a process: doorbells wake it, facts become texts on the sandbox page, Redis may be empty."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import text
from werkzeug.serving import make_server

from shared import bus
from shared.bus import Doorbell
from shared.clock import utc_now
from tests.integration.notifications.conftest import KEY, PHONE, SECRET, STAFF_PHONE, a_contact, a_referral


def eventually(condition, what, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


@pytest.fixture
def neighbours():
    app = Flask("neighbours")
    app.add_url_rule(
        "/intake/api/v1/safe-contacts/lookup", "persons",
        lambda: jsonify(contacts=[a_contact(one) for one in request.get_json()["person_ids"]]), methods=["POST"],
    )  # fmt: skip
    app.add_url_rule(
        "/referral/api/v1/organization-contacts/lookup", "organizations",
        lambda: jsonify(contacts=[{"organization_id": one, "phone": STAFF_PHONE, "language": "es",
                                   "timezone": "America/Bogota"} for one in request.get_json()["organization_ids"]]),
        methods=["POST"],
    )  # fmt: skip
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def worker(clean_stack, neighbours, tmp_path):
    environment = os.environ | {
        "NOTIFICATIONS_DATABASE_URL": clean_stack.database_url("notifications"),
        "BROKER_URL": clean_stack.broker_url,
        "SECRET_KEY": SECRET,
        "NOTIFICATIONS_ENCRYPTION_KEY": KEY,
        "INTAKE_URL": neighbours,
        "REFERRAL_URL": neighbours,
        "SMS_CHANNEL": "sandbox",
        "RUTA_ENVIRONMENT": "demo",
    }
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.notifications.worker"], env=environment, stdout=out, stderr=out
        )
    yield process, log
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(30)


def sandbox_texts(stack):
    with stack.engine("admin").connect() as conn:
        return list(conn.scalars(text("SELECT text FROM notifications.sandbox_message ORDER BY at")))


def publish(stack, *facts):
    with bus.transaction(stack.engine("admin"), Doorbell(stack.broker_url)) as conn:
        bus.publish(conn, facts, now=utc_now())


def test_facts_become_texts_with_and_without_doorbells(clean_stack, worker):
    process, log = worker
    publish(clean_stack, a_referral())
    eventually(lambda: len(sandbox_texts(clean_stack)) == 2, "staff and person are told")
    with clean_stack.engine("admin").begin() as conn:
        bus.publish(conn, [a_referral()], now=utc_now())  # nobody rings
    eventually(lambda: len(sandbox_texts(clean_stack)) == 4, "the sweeper finds what no doorbell told of")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    written = log.read_text()
    assert PHONE[1:] not in written
    assert "Recibimos su solicitud" not in written
