"""The accounts' web process on a real PostgreSQL."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from shared.clock import utc_now
from shared.identity.app import create_app
from shared.identity.operations import NewAccount, create_account, create_organization
from shared.identity.settings import Settings
from shared.ids import new_id

SECRET = "a secret key for tests, long enough"
PASSWORD = "una contraseña de prueba"


@pytest.fixture
def identity(clean_stack):
    return clean_stack.engine("identity")


@pytest.fixture
def make_app(clean_stack):
    def make(**changes):
        values = {
            "secret_key": SECRET,
            "database_url": clean_stack.database_url("identity"),
            "public_url": "http://localhost",
            "environment": "demo",
        }
        made = create_app(Settings(**(values | changes)))
        engines.append(made.extensions["ruta"].engine)
        return made

    engines: list[Engine] = []
    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def make_account(identity):
    def make(username, role, **changes):
        now = utc_now()
        with identity.begin() as conn:
            organization_id = None
            if role in {"focal_point", "provider"}:
                organization_id = new_id()
                create_organization(conn, id=organization_id, name=f"Ejemplo {username}", now=now)
            values = {
                "id": new_id(),
                "username": username,
                "name": username.title(),
                "role": role,
                "password": PASSWORD,
                "organization_id": organization_id,
                "must_change_password": False,
            } | changes
            create_account(conn, NewAccount(**values), now=now)
        return values["id"]

    return make


def found(pattern, text):
    """The first group of `pattern` in `text`, which must be there."""
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not there"
    return match[1]


class Person:
    """Somebody with a browser, who fills forms as our pages hold them."""

    def __init__(self, client):
        self.client = client

    def get(self, path):
        return self.client.get(path)

    def send(self, path, page=None, **fields):
        shown = self.client.get(page or path).get_data(as_text=True)
        token = found(r'name="csrf_token" value="([^"]+)"', shown)
        return self.client.post(path, data=fields | {"csrf_token": token})

    def sign_in(self, username, password=PASSWORD, **rest):
        return self.send("/account/sign-in", username=username, password=password, **rest)

    @property
    def session(self):
        cookie = self.client.get_cookie("ruta_session")
        return cookie.value if cookie is not None else None


@pytest.fixture
def person(app):
    return Person(app.test_client())


@pytest.fixture
def another(app):
    return lambda: Person(app.test_client())


@pytest.fixture
def an_hour():
    return timedelta(hours=1)
