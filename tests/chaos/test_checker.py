"""A checker that cannot find anything proves nothing: each kind of loss and doubling is planted and found."""

from dataclasses import replace

import pytest

from tests.chaos.checker import judge
from tests.chaos.evidence import Accepted, Evidence
from tests.chaos.ledger import Entry, Ledger, read
from tests.chaos.recovery import Happened, back, felt


def a_good_run(**changes):
    """One assessment with two needs, one referral that was asked for, one message to a person, one to staff."""
    return replace(
        Evidence(
            ledger=[Entry("a", "o", ("n1", "n2"), 1.0)],
            accepted=[Accepted(2.0, "+57", "d1"), Accepted(2.0, "+57", "d2")],
            assessments={"a"},
            submitted={"a"},
            placed={"n1": 1, "n2": 1},
            asked={"r"},
            told={"r"},
            versions={"r": (2, 2, 2)},
            followed={"r": 2},
            deliveries={"d1": ("m1", "person", "delivered"), "d2": ("m2", "organization", "sent")},
        ),
        **changes,
    )


def test_a_good_run_is_good():
    assert judge(a_good_run()).is_good


@pytest.mark.parametrize(
    "planted",
    [
        {"assessments": set()},
        {"submitted": set()},
        {"placed": {"n1": 1}},
        {"told": set()},
        {"versions": {"r": (2, 1, 2)}},
        {"versions": {"r": (2, 2, 1)}},
        {"followed": {"r": 1}},
        {"followed": {}},
        {"accepted": [Accepted(2.0, "+57", "nobody knows")]},
    ],
)
def test_a_loss_is_found(planted):
    assert judge(a_good_run(**planted)).lost


@pytest.mark.parametrize(
    "planted",
    [
        {"doubled_places": ["need n1"]},
        {"doubled_outcomes": ["referral r"]},
        {"accepted": [Accepted(2.0, "+57", "d1"), Accepted(3.0, "+57", "d1")]},
        {
            "accepted": [Accepted(2.0, "+57", "d1"), Accepted(3.0, "+57", "d3")],
            "deliveries": {"d1": ("m1", "person", "sent"), "d3": ("m1", "person", "sent")},
        },
        {"deliveries": {"d1": ("m1", "person", "queued"), "d2": ("m2", "organization", "sent")}},
        {"accepted": [Accepted(2.0, "+57", "d2"), Accepted(2.0, "+57", "d2")]},
        {"ledger": [Entry("a", "o", ("n1",), 1.0), Entry("a", "o", ("n1",), 2.0)]},
    ],
)
def test_a_doubling_is_found(planted):
    assert judge(a_good_run(**planted)).doubled


def test_a_second_attempt_to_staff_is_counted_and_forgiven():
    run = a_good_run(
        accepted=[Accepted(2.0, "+57", "d2"), Accepted(3.0, "+57", "d3")],
        deliveries={"d2": ("m2", "organization", "sent"), "d3": ("m2", "organization", "sent")},
    )
    assert judge(run).is_good
    assert judge(run).repeated_to_staff == 1


@pytest.mark.parametrize(
    "planted",
    [{"waiting": {"intake": 1}}, {"dead": {"referral": 2}}, {"stuck_messages": ["m"]}, {"deaf": True}],
)
def test_what_is_stuck_is_found(planted):
    assert judge(a_good_run(**planted)).stuck


def test_a_leak_is_found():
    assert judge(a_good_run(leaks=["table intake.person"])).leaked


def test_a_ledger_line_that_was_cut_off_is_no_promise(tmp_path):
    file = tmp_path / "ledger.jsonl"
    book = Ledger(file)
    book.write(Entry("a", "o", ("n",), 1.0))
    book.close()
    with file.open("a") as out:
        out.write('{"id": "b", "organ')
    assert [entry.id for entry in read(file)] == ["a"]


def steady(start, end, rate=10):
    return [start + step / rate for step in range(int((end - start) * rate))]


def test_recovery_is_the_time_until_the_first_window_at_full_rate():
    work = steady(0, 50) + steady(55, 80)
    fault = Happened("killed", 50, 50, 1, 70)
    assert 4.5 <= back(work, 10, fault) <= 5.1
    assert back(work, 10, replace(fault, until=51)) is None
    (one,) = felt({"intake": work, "idle": []}, (10, 40), [fault])
    assert one.worst == one.seconds["intake"]
