"""Who lets work in stops while what stands behind is too far behind, and starts again when it is not."""

import pytest

from shared.bus import Outlet, Pressure, drain, publish, tell_outlet, transaction
from shared.bus.pressure import Overloaded, parse_limit
from tests.integration.bus.scenario import NOW, inbox, withdrawn


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Waiting:
    """What waits, as a test says, and how often somebody looked."""

    def __init__(self):
        self.count, self.looks = 0, 0

    def __call__(self):
        self.looks += 1
        return self.count


def admits(pressure, **kwargs):
    try:
        pressure.admit(**kwargs)
    except Overloaded:
        return False
    return True


class TestLimit:
    @pytest.fixture
    def waiting(self):
        return Waiting()

    @pytest.fixture
    def clock(self):
        return Clock()

    @pytest.fixture
    def pressure(self, waiting, clock):
        return Pressure(waiting, limit=3, clock=clock)

    @pytest.mark.parametrize(("count", "ordinary", "urgent"), [(3, 1, 1), (4, 0, 1), (6, 0, 1), (7, 0, 0)])
    def test_emergencies_are_let_in_up_to_twice_the_limit(self, pressure, waiting, count, ordinary, urgent):
        waiting.count = count
        assert (admits(pressure), admits(pressure, urgent=True)) == (ordinary, urgent)

    def test_it_looks_once_a_second_however_many_ask(self, pressure, waiting, clock):
        for _ in range(5):
            pressure.admit()
        assert waiting.looks == 1
        waiting.count = 9
        pressure.admit()
        clock.now += 1
        assert not admits(pressure)

    def test_how_full_it_is_follows_the_limit_and_costs_no_further_look(self, pressure, waiting):
        waiting.count = 4
        assert not admits(pressure)
        assert pressure.filled() == pytest.approx(4 / 3)
        assert waiting.looks == 1

    @pytest.mark.parametrize("text", ["0", "-1", "50001", "1.5", "many"])
    def test_one_that_would_never_be_reached_is_refused(self, text):
        with pytest.raises(ValueError, match=r"a limit is|invalid literal"):
            parse_limit(text)
        assert parse_limit("50000") == 50_000

    def test_the_refusal_says_when_to_come_again(self, pressure, waiting):
        waiting.count = 4
        with pytest.raises(Overloaded) as refused:
            pressure.admit()
        assert (refused.value.status, refused.value.code, refused.value.retry_after) == (
            503,
            "overloaded",
            10,
        )


def test_events_that_a_reader_has_not_acted_on_press_until_it_has(clean_stack):
    def now():
        return Pressure.of_inbox(clean_stack.engine("intake"), "referral", limit=3)

    assert admits(now())
    with transaction(clean_stack.engine("intake")) as conn:
        publish(conn, [withdrawn() for _ in range(4)], now=NOW)
    assert not admits(now())
    drain(inbox(clean_stack.engine("referral"), lambda conn, events: None))
    assert admits(now())


def test_what_a_service_holds_for_the_world_outside_presses_until_it_says_otherwise(clean_stack):
    def now():
        return Pressure.of_outlet(clean_stack.engine("intake"), "notifications", limit=3)

    def tell(waiting):
        with clean_stack.engine("notifications").begin() as conn:
            tell_outlet(conn, "notifications", Outlet(waiting, 0.0))

    assert admits(now())
    for waiting, admitted in ((4, False), (5, False), (3, True), (0, True), (0, True), (4, False)):
        tell(waiting)
        assert admits(now()) == admitted
