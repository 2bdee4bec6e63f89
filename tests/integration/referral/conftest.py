import pytest

from tests.integration.referral.world import World


@pytest.fixture
def world(clean_stack):
    return World(clean_stack)
