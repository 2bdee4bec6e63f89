"""What the benchmark asks for is what it says it asks for."""

from collections import Counter

import pytest

from tests.bench.burst import EMERGENCY_EVERY, LOUD, SECONDS, SENDERS, plan


@pytest.mark.parametrize("times", [1, 7])
def test_one_organization_sends_so_many_times_what_each_of_the_others_does(times):
    cases = plan(first=100, usual=10.0, times=times)
    sent = Counter(case.sender for case in cases)
    assert sent == {sender: int(10 * SECONDS) * (times if sender == LOUD else 1) for sender in range(SENDERS)}
    assert len({case.number for case in cases}) == len(cases)
    assert all(0 <= case.due < SECONDS for case in cases)


def test_the_others_have_emergencies_and_the_loud_one_none():
    urgent = Counter(case.sender for case in plan(first=0, usual=10.0, times=7) if case.emergency)
    each = -(-int(10 * SECONDS) // EMERGENCY_EVERY)
    assert urgent == {sender: each for sender in range(SENDERS) if sender != LOUD}
