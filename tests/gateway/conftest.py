"""The notifications service on a real database behind a real SMS gateway.

Collected only where the Debian packages kannel and kannel-extras are installed: the rest of the suite needs
nothing but Python.
"""

import base64
import os
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import text
from werkzeug.serving import make_server

from services.notifications.app import create_app
from services.notifications.settings import Settings
from services.notifications.subscriptions import make_handlers
from services.notifications.tasks import Parts, make_jobs
from shared import bus
from shared.clock import utc_now
from shared.identity.tokens import verify
from tests.gateway.kannel import PASSWORD, SENDER, USERNAME, Gateway, free_port, is_installed
from tests.integration.notifications.conftest import STAFF_PHONE, a_contact

if not is_installed():
    collect_ignore_glob = ["test_*.py"]

SECRET = "a secret key that is long enough for tests"
GATEWAY_SECRET = "a-gateway-secret-of-28-chars"
KEY = base64.urlsafe_b64encode(os.urandom(32)).decode()


class Served:
    """A WSGI app on a port of loopback, until stopped."""

    def __init__(self, app, port=0):
        self._server = make_server("127.0.0.1", port, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._thread.join(10)


def neighbours():
    """Intake and referral, as far as notifications asks them."""
    app = Flask("neighbours")

    @app.post("/intake/api/v1/safe-contacts/lookup")
    def safe_contacts():
        _require_service()
        ids = request.get_json()["person_ids"]
        return jsonify(contacts=[a_contact(one) for one in ids])

    @app.post("/referral/api/v1/organization-contacts/lookup")
    def organization_contacts():
        _require_service()
        ids = request.get_json()["organization_ids"]
        found = [
            {"organization_id": one, "phone": STAFF_PHONE, "language": "es", "timezone": "America/Bogota"}
            for one in ids
        ]
        return jsonify(contacts=found)

    return app


def _require_service():
    token = request.headers["Authorization"].removeprefix("Bearer ")
    assert verify(token, secret_key=SECRET).role == "service"


@dataclass
class Service:
    """The real parts: web process, jobs, gateway."""

    stack: Any
    parts: Parts
    gateway: Gateway
    web_url: str
    jobs: list = field(default_factory=list)

    def hears(self, *facts):
        with self.stack.engine("admin").begin() as conn:
            bus.publish(conn, facts, now=utc_now())

    def works(self):
        """One round of every job of the worker."""
        for job in self.jobs:
            job.run(lambda: False)
        return True

    def instead_of_waiting(self, statement):
        """Make something due now that is due in days."""
        with self.stack.engine("admin").begin() as conn:
            conn.execute(text(statement))

    def rows(self, query):
        with self.stack.engine("admin").connect() as conn:
            return [dict(row) for row in conn.execute(text(query)).mappings()]

    def statuses(self):
        return sorted(row["status"] for row in self.rows("SELECT status FROM notifications.notification"))


@pytest.fixture
def service(clean_stack, tmp_path):
    others = Served(neighbours())
    web_port = free_port()
    gateway = Gateway(tmp_path, f"http://127.0.0.1:{web_port}", GATEWAY_SECRET)
    settings = Settings(
        database_url=clean_stack.database_url("notifications"),
        broker_url=clean_stack.broker_url,
        secret_key=SECRET,
        encryption_key=KEY,
        intake_url=others.url,
        referral_url=others.url,
        sms_channel="kannel",
        kannel_sendsms_url=gateway.sendsms_url,
        kannel_username=USERNAME,
        kannel_password=PASSWORD,
        kannel_sms_from=SENDER,
        kannel_dlr_secret=GATEWAY_SECRET,
        callback_url=f"http://127.0.0.1:{web_port}",
        per_day=20,
        per_week=50,
        environment="production",
    )
    web = Served(create_app(settings), web_port)
    parts = Parts.of(settings, make_handlers)
    try:
        gateway.start()
        yield Service(clean_stack, parts, gateway, web.url, make_jobs(parts))
    finally:
        gateway.stop()
        web.stop()
        others.stop()
        parts.engine.dispose()
