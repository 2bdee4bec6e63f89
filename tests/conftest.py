"""Fixtures for every test: a real PostgreSQL and a real Valkey, started once and only when a test asks."""

import pytest

from tests.support import stack as support


@pytest.fixture(scope="session")
def stack():
    """The embedded stack with every schema migrated; shared by the run."""
    running, folder = support.start()
    yield running
    support.end(running, folder)


@pytest.fixture
def clean_stack(stack):
    """The stack with every table and the broker emptied."""
    stack.clean()
    return stack
