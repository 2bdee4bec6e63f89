"""The intake service on a real database, with somebody of every role to call it."""

import base64
import os
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from services.intake.app import create_app
from services.intake.settings import Settings
from services.intake.subscriptions import HANDLERS
from shared import bus
from shared.bus import Inbox
from shared.clock import utc_now
from shared.identity.tokens import mint, mint_service_token
from shared.ids import new_id
from shared.web import Actor

SECRET = "a secret key that is long enough for tests"
KEY = base64.urlsafe_b64encode(os.urandom(32)).decode()


@dataclass
class Caller:
    """Somebody with a token, calling the service's API as they would over HTTP."""

    client: object
    token: str
    account_id: str = ""
    organization_id: str | None = None
    language: str = "es"

    def get(self, path, **kwargs):
        return self._call("get", path, **kwargs)

    def post(self, path, body=None, **kwargs):
        if body is not None:
            kwargs["json"] = body
        return self._call("post", path, **kwargs)

    def _call(self, method, path, **kwargs):
        headers = {"Accept-Language": self.language, **kwargs.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return getattr(self.client, method)(f"/intake/api/v1{path}", headers=headers, **kwargs)


@dataclass
class Intake:
    """The service under test, and what it wrote."""

    stack: object
    app: object
    organization_id: str = field(default_factory=new_id)

    def caller(self, role="focal_point", *, organization_id="own", language="es"):
        account_id = new_id()
        organization = self.organization_id if organization_id == "own" else organization_id
        actor = Actor(account_id, role, organization, "Prueba", language, new_id(), "api")
        token = mint(actor, secret_key=SECRET)
        return Caller(self.app.test_client(), token, account_id, organization, language)

    def service(self, name):
        return Caller(self.app.test_client(), mint_service_token(name, secret_key=SECRET))

    def rows(self, query, **parameters):
        with self.stack.engine("intake").connect() as conn:
            return [dict(row) for row in conn.execute(text(query), parameters).mappings()]

    def events(self, kind):
        """The data of every event of `kind` on the bus."""
        found = self.rows("SELECT data FROM bus.event WHERE type = :kind ORDER BY id", kind=kind)
        return [row["data"] for row in found]

    def hears(self, *facts):
        """Facts of other services, published and acted on by this service's handlers."""
        with self.stack.engine("intake").begin() as conn:
            bus.publish(conn, facts, now=utc_now())
        return bus.drain(Inbox(self.stack.engine("intake"), "intake", HANDLERS))


def settings_of(stack):
    return Settings(
        database_url=stack.database_url("intake"),
        broker_url=stack.broker_url,
        secret_key=SECRET,
        encryption_key=KEY,
        referral_url="http://127.0.0.1:9",
        environment="demo",
    )


@pytest.fixture(scope="session")
def intake_app(stack):
    app = create_app(settings_of(stack))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def intake(clean_stack, intake_app):
    return Intake(clean_stack, intake_app)


@pytest.fixture
def focal_point(intake):
    return intake.caller()
