"""Calls to a gateway that gives no clear answers stop, and begin again one by one."""

from services.notifications.channels.breaker import (
    FIRST_SECONDS,
    IN_A_ROW,
    LONGEST_SECONDS,
    LOOK_EVERY_SECONDS,
    Breaker,
    Outcome,
)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def broken(outcome=Outcome.DOUBT):
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(IN_A_ROW):
        assert breaker.begin()
        breaker.end(outcome)
    return breaker, clock


def test_after_some_in_a_row_none_is_begun_until_the_pause_is_over():
    breaker, clock = broken()
    assert not breaker.begin()
    clock.now += FIRST_SECONDS - 0.1
    assert not breaker.begin()
    clock.now += 0.1
    assert breaker.begin()


def test_a_clear_answer_in_between_starts_the_count_anew():
    breaker = Breaker(Clock())
    for _ in range(5):
        for _ in range(IN_A_ROW - 1):
            breaker.end(Outcome.DOUBT)
        breaker.end(Outcome.CLEAR)
    assert breaker.begin()


def test_after_the_pause_a_single_call_finds_out_and_a_clear_answer_lets_all_through():
    breaker, clock = broken()
    clock.now += FIRST_SECONDS
    assert [breaker.begin() for _ in range(4)] == [True, False, False, False]
    breaker.end(Outcome.CLEAR)
    assert all(breaker.begin() for _ in range(4))


def test_it_says_how_many_calls_there_is_room_for():
    breaker, clock = broken()
    assert breaker.room() == 0
    clock.now += FIRST_SECONDS
    assert breaker.room() == 1
    breaker.end(Outcome.CLEAR)
    assert breaker.room() > 1_000


def pauses_while(outcome):
    breaker, clock = broken(outcome)
    pauses = []
    for _ in range(8):
        began = clock.now
        while not breaker.begin():
            clock.now += 1
        breaker.end(outcome)
        pauses.append(clock.now - began)
    return pauses


def test_while_calls_leave_somebody_in_doubt_the_pauses_grow_to_a_minute():
    pauses = pauses_while(Outcome.DOUBT)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST_SECONDS, LONGEST_SECONDS)


def test_while_nobody_listens_it_is_tried_every_few_seconds():
    assert set(pauses_while(Outcome.AWAY)) == {FIRST_SECONDS}


def test_calls_that_were_under_way_when_it_broke_do_not_lengthen_the_pause():
    breaker, clock = broken()
    for _ in range(13):
        breaker.end(Outcome.DOUBT)
    clock.now += FIRST_SECONDS
    assert breaker.begin()


class TestLooking:
    """Something that sends nobody anything shows whether the gateway answers again."""

    def look_for(self, breaker, clock, seconds, *, answers, outcome=Outcome.DOUBT):
        """Go on for `seconds`, looking and trying whenever it may be done; how many were tried."""
        tried = 0
        for _ in range(int(seconds)):
            if breaker.is_to_look():
                breaker.looked(answers=answers)
            if breaker.begin():
                tried += 1
                breaker.end(outcome)
            clock.now += 1
        return tried

    def test_only_after_calls_that_left_somebody_in_doubt_and_every_few_seconds(self):
        assert not Breaker(Clock()).is_to_look()
        assert not broken(Outcome.AWAY)[0].is_to_look()
        breaker, clock = broken()
        assert [breaker.is_to_look() for _ in range(3)] == [True, False, False]
        clock.now += LOOK_EVERY_SECONDS
        assert breaker.is_to_look()

    def test_while_it_is_mute_one_is_tried_a_minute(self):
        breaker, clock = broken()
        assert self.look_for(breaker, clock, 10 * LONGEST_SECONDS, answers=False) in {9, 10}

    def test_when_it_answers_again_one_is_tried_at_once_however_long_it_was_mute(self):
        breaker, clock = broken()
        self.look_for(breaker, clock, 620, answers=False)
        clock.now += FIRST_SECONDS
        assert not breaker.begin()
        assert breaker.is_to_look()
        breaker.looked(answers=True)
        assert [breaker.begin(), breaker.begin()] == [True, False]
        breaker.end(Outcome.CLEAR)
        assert breaker.room() > 1_000

    def test_one_that_answers_and_yet_leaves_messages_in_doubt_has_its_growing_pauses(self):
        looked_at, clock = broken()
        not_looked_at, other = broken()
        tried = self.look_for(looked_at, clock, 600, answers=True)
        assert tried == sum(not_looked_at.begin() for other.now in range(100, 700))

    def test_so_has_one_that_only_seems_to_be_back_now_and_then(self):
        breaker, clock = broken()
        tried = sum(
            self.look_for(breaker, clock, 5, answers=number % 2 == 1) for number in range(int(600 / 5))
        )
        assert tried <= 16

    def test_a_look_that_ends_after_the_gateway_is_known_to_be_away_changes_nothing(self):
        breaker, clock = broken()
        assert breaker.is_to_look()
        breaker.end(Outcome.AWAY)
        breaker.looked(answers=False)
        clock.now += FIRST_SECONDS
        assert breaker.begin()
