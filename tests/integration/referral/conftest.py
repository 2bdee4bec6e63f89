from datetime import UTC, datetime

import pytest

from tests.integration.referral.callers import AUTHOR, SECOND, Caller, make_app
from tests.integration.referral.drafting import EVERYTHING
from tests.integration.referral.world import World, a_service


@pytest.fixture
def world(clean_stack):
    return World(clean_stack)


@pytest.fixture(scope="module")
def app(stack):
    return make_app(stack)


@pytest.fixture
def directory(world, app):
    """One service that gives every kind of help, as of this moment."""
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",)))
    return world


@pytest.fixture
def author(app, directory):
    return Caller(app, "coordinator", account_id=AUTHOR)


@pytest.fixture
def second(app):
    return Caller(app, "coordinator", account_id=SECOND)
