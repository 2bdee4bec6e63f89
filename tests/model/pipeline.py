"""The three real services in one process, on the real database and broker of the tests.

What a worker would do when woken is called here by name, so that a test decides who works, when, and where it dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
from werkzeug.test import Client

from deploy.local.routing import by_first_segment
from services.intake import app as intake_web
from services.intake import worker as intake_worker
from services.intake.settings import Settings as IntakeSettings
from services.notifications import app as notifications_web
from services.notifications.channels.base import DeliveryError, Receipt, Result
from services.notifications.clients.contacts import ContactBook
from services.notifications.settings import Settings as NotificationsSettings
from services.notifications.subscriptions import make_handlers
from services.notifications.tasks import Parts, make_jobs
from services.referral import app as referral_web
from services.referral import worker as referral_worker
from services.referral.operations.directory import import_hsds
from services.referral.settings import Settings as ReferralSettings
from shared import failpoints
from shared.background import Job
from shared.clock import utc_now
from shared.identity.tokens import mint, service_headers
from shared.ids import new_id
from shared.settings import load
from shared.web.actor import Actor
from tests.chaos import cases
from tests.chaos.evidence import Accepted

SECRET = "a secret key that is long enough for tests"
GATEWAY_SECRET = "a-gateway-secret-of-28-chars"
KEYS = {"INTAKE_ENCRYPTION_KEY": "11" * 32, "NOTIFICATIONS_ENCRYPTION_KEY": "22" * 32}
ROUNDS = 40
SHIFTED = {
    "bus.inbox": ("due_at",),
    "notifications.notification": ("due_at", "lease_until", "expires_at", "created_at"),
    "notifications.follow_up": ("due_at",),
    "referral.clock": ("due_at",),
    "referral.referral": (
        "needed_by created_at changed_at since marked due_at decide_due decide_since escalated_at".split()
    ),
}
"""Columns that hold a time to come or one that clocks count from."""


class Killed(BaseException):
    """The process died here. Nothing in the product catches it."""


@dataclass
class Phones:
    """A channel that remembers what it accepted; `mood` says how it behaves: `accept`, `refuse`, `away`, or `lose`
    (accepts, and the answer is lost)."""

    name: str = "phones"
    mood: str = "accept"
    accepted: list[Accepted] = field(default_factory=list)

    def send_all(self, messages: Any, should_stop: Any = None) -> Mapping[str, Result]:
        return {message.delivery_id: self._take(message) for message in messages}

    def lane(self) -> Phones:
        return self

    def room(self) -> int:
        return 1_000

    def _take(self, message: Any) -> Result:
        if self.mood == "refuse":
            return DeliveryError("not now", retryable=True)
        if self.mood == "away":
            return DeliveryError("away", retryable=True, unavailable=True)
        self.accepted.append(Accepted(0.0, message.to, message.delivery_id))
        return (
            DeliveryError("no answer", retryable=True, uncertain=True) if self.mood == "lose" else Receipt()
        )


class InProcessBook(ContactBook):
    """Asks the services' own routes for contacts, without a network between."""

    def __init__(self, client: Client) -> None:
        super().__init__(intake_url="", referral_url="", secret_key=SECRET)
        self._client = client

    def _ask(self, url: str, body: dict[str, Any]) -> Any:
        answer = self._client.post(
            url, json=body, headers=service_headers("notifications", secret_key=SECRET)
        )
        assert answer.status_code == 200, answer.text
        return answer.json["contacts"]


def environment_of(stack: Any, *, web: str = "http://127.0.0.1:9", **changes: str) -> dict[str, str]:
    """Settings of every service on the tests' stack; `web` is where they reach each other."""
    owners = ("intake", "referral", "notifications", "identity", "bus")
    return {
        **{f"{owner.upper()}_DATABASE_URL": stack.database_url(owner) for owner in owners},
        **{f"{name}_URL": web for name in ("INTAKE", "REFERRAL", "NOTIFICATIONS", "IDENTITY", "RUTA_PUBLIC")},
        **KEYS,
        "BROKER_URL": stack.broker_url,
        "SECRET_KEY": SECRET,
        "RUTA_ENVIRONMENT": "demo",
        "SMS_CHANNEL": "sandbox",
        "KANNEL_DLR_SECRET": GATEWAY_SECRET,
        "MESSAGES_PER_DAY": "1000",
        "MESSAGES_PER_WEEK": "1000",
        **changes,
    }


def web_of(environment: Mapping[str, str]) -> Any:
    """The three services as one WSGI app."""
    apps = {
        "intake": intake_web.create_app(load(IntakeSettings, environment)),
        "referral": referral_web.create_app(load(ReferralSettings, environment)),
        "notifications": notifications_web.create_app(load(NotificationsSettings, environment)),
    }
    return by_first_segment(apps, otherwise=apps["intake"])


class Pipeline:
    """Everything between a POST and a phone. Made once per run of pytest; `begin()` before each story."""

    def __init__(self, stack: Any) -> None:
        self.stack = stack
        environment = environment_of(stack)
        self.client = Client(web_of(environment))
        self.phones = Phones()
        self.jobs: dict[str, Job] = {}
        settings = load(NotificationsSettings, environment)
        parts = Parts.of(settings, make_handlers)
        sender = replace(parts.sender, contacts=InProcessBook(self.client), channel=self.phones)
        for job in (
            *intake_worker.make_worker(load(IntakeSettings, environment)).jobs,
            *referral_worker.make_worker(load(ReferralSettings, environment)).jobs,
            *make_jobs(replace(parts, sender=sender)),
        ):
            self.jobs[job.name] = job

    def begin(self) -> None:
        """Empty everything and import the directory."""
        self.stack.clean()
        self.phones.accepted.clear()
        self.phones.mood = "accept"
        with self.stack.engine("referral").begin() as conn:
            import_hsds(conn, cases.directory(), now=utc_now())

    def post(self, path: str, body: Any, *, role: str, organization_id: str, **headers: str) -> Any:
        """A call to the API by somebody of that role and organization."""
        account_id = str(uuid5(UUID(organization_id), role))
        actor = Actor(account_id, role, organization_id, "Prueba", "es", new_id(), "api")
        token = mint(actor, secret_key=SECRET)
        return self.client.post(path, json=body, headers={"Authorization": f"Bearer {token}", **headers})

    def gateway_calls(self, path: str, **query: str) -> Any:
        return self.client.get(f"/notifications/api/v1/kannel/{GATEWAY_SECRET}/{path}", query_string=query)

    def run(self, name: str, *, die_at: str | None = None) -> bool:
        """Do one job; returns whether it died at the fail-point `die_at` (a job may never come there)."""
        kill, armed = failpoints.os.kill, failpoints._armed
        failpoints.os.kill, failpoints._armed = _die, die_at or ""
        try:
            self.jobs[name].run(lambda: False)
        except Killed:
            return True
        finally:
            failpoints.os.kill, failpoints._armed = kill, armed
        return False

    def run_all(self) -> None:
        """Every job, until nothing is due."""
        for _ in range(ROUNDS):
            for name in self.jobs:
                self.run(name)
            if not self.is_busy():
                return
        raise AssertionError("not at rest")

    def is_busy(self) -> bool:
        return any(job.oldest_due() is not None for job in self.jobs.values())

    def pass_time(self, span: timedelta) -> None:
        """Everything that waits has waited `span` longer."""
        shift(self.admin(), span)

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.admin() as conn:
            return conn.execute(query, parameters or None).fetchall()

    def execute(self, query: str, *parameters: Any) -> None:
        with self.admin() as conn:
            conn.execute(query, parameters)

    def admin(self) -> psycopg.Connection:
        """A connection that may read every schema, in autocommit."""
        return self.stack.embedded.postgres.connect("ruta")


def shift(admin: psycopg.Connection, span: timedelta) -> None:
    """Move every time that something waits for, or that clocks count from, back by `span`; closes `admin`."""
    earlier = f"- '{span.total_seconds()} seconds'::interval"
    with admin:
        for table, columns in SHIFTED.items():
            moves = ", ".join(f"{column} = {column} {earlier}" for column in columns)
            admin.execute(f"UPDATE {table} SET {moves}")


def _die(*_: object) -> None:
    raise Killed
