"""Who lets work in stops while its readers are too far behind, and starts again when they are not."""

import pytest

from shared.bus import Pressure, drain, publish, transaction
from shared.bus.pressure import Overloaded
from tests.integration.bus.scenario import NOW, inbox, withdrawn


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_beyond_the_limit_nothing_is_let_in_until_the_readers_catch_up(clean_stack):
    clock = Clock()
    pressure = Pressure(clean_stack.engine("intake"), "referral", limit=3, clock=clock)
    pressure.admit()
    with transaction(clean_stack.engine("intake")) as conn:
        publish(conn, [withdrawn() for _ in range(4)], now=NOW)
    pressure.admit()  # looked less than a second ago
    clock.now += 1
    with pytest.raises(Overloaded) as refused:
        pressure.admit()
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "overloaded", 10)
    drain(inbox(clean_stack.engine("referral"), lambda conn, events: None))
    clock.now += 1
    pressure.admit()
