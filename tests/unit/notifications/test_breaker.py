"""Calls to a gateway that gives no clear answers stop, and begin again one by one."""

from services.notifications.channels.breaker import FIRST_SECONDS, IN_A_ROW, LONGEST_SECONDS, Breaker, Outcome


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
