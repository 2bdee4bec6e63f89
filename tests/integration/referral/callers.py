"""The web process of the referral service, and people with tokens."""

from __future__ import annotations

from flask import g

from services.referral.app import create_app
from services.referral.settings import Settings
from shared.identity.tokens import mint, mint_service_token
from shared.ids import new_id
from shared.web import Actor
from shared.web.access import SESSION_COOKIE
from shared.web.csrf import HEADER, csrf_token
from tests.integration.referral.world import FOCAL_ORGANIZATION, FOCAL_POINT, an_id

SECRET = "a secret of the tests, long enough for all"
BASE = "/referral/api/v1"
AUTHOR, SECOND = an_id("author"), an_id("second coordinator")


def make_app(stack, intake_url="http://127.0.0.1:9"):
    settings = Settings(
        database_url=stack.database_url("referral"),
        broker_url=stack.broker_url,
        secret_key=SECRET,
        intake_url=intake_url,
        environment="demo",
    )
    app = create_app(settings)
    app.testing = True
    return app


def token(role, organization_id=None, account_id=None, locale="es", use="api"):
    if role == "service":
        return mint_service_token("notifications", secret_key=SECRET)
    return mint(actor_of(role, organization_id, account_id, locale, use), secret_key=SECRET)


def actor_of(role, organization_id, account_id, locale, use):
    return Actor(account_id or an_id(f"{role} account"), role, organization_id, role, locale, new_id(), use)


class Caller:
    """Calls the API as somebody: with a program's token, or signed in (a coordinator, who answers in person)."""

    def __init__(self, app, role, organization_id=None, account_id=None, locale="es", *, use=None):
        self.client = app.test_client()
        use = use or ("session" if role == "coordinator" else "api")
        if use == "session":
            self.headers = self.sign_in(app, actor_of(role, organization_id, account_id, locale, use))
        else:
            made = token(role, organization_id, account_id, locale)
            self.headers = {"Authorization": f"Bearer {made}"}

    def sign_in(self, app, actor):
        """The header that scripts on our pages send."""
        self.client.set_cookie(SESSION_COOKIE, mint(actor, secret_key=SECRET))
        with app.test_request_context():
            g.actor = actor
            return {HEADER: csrf_token()}

    def get(self, path, **kwargs):
        return self.client.get(BASE + path, headers=self.headers, **kwargs)

    def post(self, path, body=None, **headers):
        return self.client.post(BASE + path, json=body, headers={**self.headers, **headers})

    def put(self, path, body):
        return self.client.put(BASE + path, json=body, headers=self.headers)

    def step(self, referral_id, name, key=None, **body):
        headers = {"Idempotency-Key": key} if key else {}
        return self.post(f"/referrals/{referral_id}/{name}", body, **headers)


def provider(app, name):
    return Caller(app, "provider", an_id(f"organization {name}"))


def focal_point(app, organization_id=FOCAL_ORGANIZATION):
    return Caller(app, "focal_point", organization_id, FOCAL_POINT)


def coordinator(app):
    return Caller(app, "coordinator")
