"""Every route of every service lets in the roles it names and nobody else. Refusals need no database."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest

from services.intake.app import create_app as intake
from services.intake.settings import Settings as IntakeSettings
from services.notifications.app import create_app as notifications
from services.notifications.settings import Settings as NotificationsSettings
from services.referral.app import create_app as referral
from services.referral.settings import Settings as ReferralSettings
from shared.clock import utc_now
from shared.identity.app import create_app as account
from shared.identity.settings import Settings as AccountSettings
from shared.ids import new_id
from shared.settings import load
from shared.web import Actor, unnamed_routes
from shared.web.access import routes
from shared.web.actor import ROLES, sign

SECRET = "a secret key for tests, long enough"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
SETTINGS = {
    "RUTA_ENVIRONMENT": "demo",
    "SECRET_KEY": SECRET,
    "BROKER_URL": "redis://127.0.0.1:1/0",
    **{
        f"{name}_DATABASE_URL": NOWHERE for name in ("INTAKE", "REFERRAL", "NOTIFICATIONS", "IDENTITY", "BUS")
    },
    **{
        f"{name}_URL": "http://127.0.0.1:1"
        for name in ("INTAKE", "REFERRAL", "NOTIFICATIONS", "RUTA_PUBLIC", "IDENTITY")
    },
    **{f"{name}_ENCRYPTION_KEY": KEY for name in ("INTAKE", "NOTIFICATIONS")},
    "SMS_CHANNEL": "sandbox",
}
APPS: dict[str, tuple[Any, Any]] = {
    "intake": (intake, IntakeSettings),
    "referral": (referral, ReferralSettings),
    "notifications": (notifications, NotificationsSettings),
    "account": (account, AccountSettings),
}
SAMPLES = {"uuid": new_id(), "int": "1"}


@pytest.fixture(scope="module", params=list(APPS))
def app(request):
    create, settings = APPS[request.param]
    return create(load(settings, SETTINGS))


def token(role):
    use = "service" if role == "service" else "api"
    actor = Actor(account_id=new_id(), role=role, organization_id=new_id(), token_id=new_id(), use=use)
    return sign(actor, secret_key=SECRET, now=utc_now(), lifetime=timedelta(hours=1))


def address(rule):
    """A path that `rule` matches."""
    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?\w+>", sample, rule)


def sample(slot):
    kind, choices = slot[1], slot[2]
    return choices.split(",")[0].strip("'\" ") if kind == "any" else SAMPLES.get(kind or "", "x")


def closed(app):
    """(path, method, roles) of every route that is not for everybody."""
    return [
        (rule, method, access.roles)
        for rule, _endpoint, method, access in routes(app)
        if access is not None and access.roles is not None
    ]


def test_every_route_names_who_may_call_it(app):
    assert unnamed_routes(app) == []


def test_every_route_refuses_every_role_it_does_not_name(app):
    client = app.test_client()
    asked = [(rule, method, role) for rule, method, roles in closed(app) for role in sorted(ROLES - roles)]
    assert asked
    for rule, method, role in asked:
        headers = {"Authorization": f"Bearer {token(role)}"}
        assert client.open(address(rule), method=method, headers=headers).status_code == 403, (
            method,
            rule,
            role,
        )


def test_every_route_refuses_whoever_is_not_signed_in(app):
    client = app.test_client()
    for rule, method, _roles in closed(app):
        expected = 401 if "/api/" in rule else 303
        assert client.open(address(rule), method=method).status_code == expected, (method, rule)


def test_administrators_reach_no_case(app):
    for rule, _method, roles in closed(app):
        assert "admin" not in roles or not re.search(
            r"/(cases|assessments|referrals|persons|people)\b", rule
        ), rule


def test_the_openapi_document_is_there_and_names_roles(app):
    document = app.test_client().get(f"/{app.name}/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                assert "x-roles" in operation, (method, path)
                assert operation.get("summary"), f"{method} {path} needs a first line of docstring"
