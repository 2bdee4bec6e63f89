"""Somebody at a browser without scripts, and an intake service that answers what it is told to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bs4 import BeautifulSoup

from shared.web.access import SESSION_COOKIE
from tests.integration.referral.callers import token
from tests.integration.referral.world import FOCAL_ORGANIZATION, FOCAL_POINT


class Person:
    """Somebody at a browser without scripts."""

    def __init__(self, app, role, organization_id=None, account_id=None):
        self.client = app.test_client()
        self.client.set_cookie(SESSION_COOKIE, token(role, organization_id, account_id, use="session"))

    def open(self, path):
        response = self.client.get(path)
        assert response.status_code == 200, response.data
        return BeautifulSoup(response.data, "html.parser")

    def send(self, form, follow_redirects=True, **filled):
        fields = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
        return self.client.post(form["action"], data=fields | filled, follow_redirects=follow_redirects)


def provider(app, referral):
    return Person(app, "provider", referral.organization_id)


def focal_point(app):
    return Person(app, "focal_point", FOCAL_ORGANIZATION, FOCAL_POINT)


class FakeIntake:
    """An intake service that answers what it is told to."""

    def __init__(self):
        self.answer = (200, {})
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, body = outer.answer
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def form_of(page, ending):
    return page.find("form", action=lambda action: action and action.endswith(ending))
