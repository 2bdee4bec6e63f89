"""The referral service's connection, with a table where handlers write what they did."""

import pytest
from sqlalchemy import text

from tests.integration.bus.scenario import make_effects


@pytest.fixture
def referral(clean_stack):
    engine = clean_stack.engine("referral")
    with engine.begin() as conn:
        make_effects(conn)
    yield engine
    with engine.begin() as conn:
        conn.execute(text("DROP TABLE referral.bus_test_effect"))
