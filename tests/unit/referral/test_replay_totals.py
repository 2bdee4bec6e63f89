"""Totals of a replay tell nothing of a few persons either: in the answer, and in the words of the command."""

import pytest

from deploy.local.replay_words import lines
from services.referral.domain.replay import Replay
from services.referral.operations.replay_views import shown_replay
from services.referral.operations.replaying import Outcome


def outcome(before=0, after=0, *, unknown_then=0, undecided=0):
    return Outcome(
        replay=Replay(100, 120, undecided=undecided),
        effects=(),
        missing={"then": (before, after)},
        unprotected={"then": 0},
        unknown_then=unknown_then,
        rules=(None, None),
    )


@pytest.mark.parametrize(
    ("before", "after", "told", "said"),
    [
        (0, 0, (0, 0), "0 → 0"),
        (0, 1, (0, None), "0 → <5"),
        (4, 4, (None, None), "<5 → <5"),
        (5, 0, (5, 0), "5 → 0"),
        (9, 9, (9, 9), "9 → 9"),
        (9, 8, (9, None), "9 → <5 / ±<5"),
        (9, 13, (9, None), "9 → <5 / ±<5"),
        (9, 14, (9, 14), "9 → 14"),
        (6, 2, (6, None), "6 → <5 / ±<5"),
        (3, 6, (None, 6), "<5 → 6"),
    ],
)
def test_needs_that_nobody_could_meet(before, after, told, said):
    found = shown_replay(outcome(before, after), "es")
    gaps = found["directories"]["then"]
    assert (gaps["gaps_before"], gaps["gaps_after"]) == told
    assert any(line.endswith(f": {said}") for line in lines(found))


@pytest.mark.parametrize("name", ["undecided", "unknown_then"])
@pytest.mark.parametrize(
    ("count", "told", "said"), [(0, 0, None), (1, None, "<5"), (4, None, "<5"), (5, 5, "5")]
)
def test_cases_that_are_left_out(name, count, told, said):
    found = shown_replay(outcome(**{name: count}), "es")
    assert found[name] == told
    words = [line for line in lines(found) if "ninguna de las dos" in line or "no se guardó" in line]
    assert [said in line for line in words] == ([True] if said else [])
