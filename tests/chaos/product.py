"""The real services on the tests' stack: web over real HTTP, jobs in this process, a gateway in another."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psycopg
import requests
from werkzeug.serving import make_server

from deploy.local.embedded.ports import free_port
from services.referral.operations.directory import import_hsds
from shared.clock import utc_now
from tests.chaos import cases
from tests.chaos.checker import judge
from tests.chaos.crash import PATH, headers, report_path, worker_of
from tests.chaos.evidence import Evidence, ask_tables, read_gateway_log
from tests.chaos.ledger import Entry
from tests.model.pipeline import environment_of, shift, web_of

ALL = (
    "referral.drain",
    "notifications.drain",
    "notifications.send",
    "notifications.settle",
    "notifications.abandoned",
    "notifications.answer",
    "notifications.follow_up",
    "referral.run_due_clocks",
    "intake.drain",
)
SERVICES = ("intake", "referral", "notifications")
ROUNDS = 8


class Product:
    """The services on the tests' stack: web over real HTTP, jobs in this process, a gateway in another."""

    def __init__(self, stack, folder, gateway, **changes):
        """`changes` are settings that differ."""
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
            **changes,
        )
        self.server = make_server("127.0.0.1", port, web_of(self.environment), threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.jobs = {job.name: job for name in SERVICES for job in worker_of(name, self.environment).jobs}

    @contextlib.contextmanager
    def worker(self, service, **env):
        """The worker of a service in a process of its own, with `env` besides."""
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}.worker"],
            env={**os.environ, **self.environment, **env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def begin(self):
        """Empty everything and import the directory."""
        self.stack.clean()
        self.gateway.log.write_text("")
        with self.stack.engine("referral").begin() as conn:
            import_hsds(conn, cases.directory(), now=utc_now())

    def post(self, document):
        url = self.environment["INTAKE_URL"] + PATH
        return requests.post(url, json=document, headers=headers(self.environment), timeout=30)

    def bring_report(self, message):
        """The gateway says that `message` ({"reference": …}) has arrived."""
        path = report_path(message, self.environment["KANNEL_DLR_SECRET"])
        return requests.get(self.environment["NOTIFICATIONS_URL"] + path, timeout=30)

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
