"""What the follow-up table asks for after a step, as others are told of it."""

import csv
import io
from dataclasses import replace

import pytest

from services.referral.domain.follow_up import MOST_HOURS, checks_from
from services.referral.domain.pathway_policies import FollowUp, follow_ups
from services.referral.domain.pathway_tables import Pathway, packaged_files
from shared import codes
from tests.unit.referral.pathway.cases import COMMUNITY

NEEDS = codes.load("needs")
RESTRICTED = [need for need, code in NEEDS.items() if code.fact("sensitivity") == "S3"]
ROW = FollowUp(
    row_id="F-1",
    check="seen",
    offset_hours=24,
    every_hours=None,
    times=1,
    anchor="accepted",
    mode="auto",
    who="focal_point",
    template="S4",
    outcome_if_yes="FILED",
    outcome_if_no=None,
    ends_when_completed=True,
)


def told(need, moment="accepted", priority=2, **kwargs):
    restricted = NEEDS[need].fact("sensitivity") == "S3"
    found = follow_ups(COMMUNITY, need=need, priority=priority)
    return checks_from(moment, found, restricted=restricted, **kwargs)


def without(table, columns):
    """A CSV table without these outputs."""
    rows = list(csv.reader(io.StringIO(table)))
    kept = [at for at, name in enumerate(rows[0]) if name.strip("-> ").split(":")[0] not in columns]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([row[at] for at in kept] for row in rows)
    return written.getvalue()


def test_an_open_need_travels_in_full():
    (check,) = checks_from("accepted", [ROW], restricted=False)
    assert check == {
        "id": "F-1",
        "after_hours": 24,
        "mode": "auto",
        "template": "S4",
        "outcome_if_yes": "FILED",
        "outcome_if_no": None,
        "ends_when_completed": True,
        "who": "focal_point",
    }


@pytest.mark.parametrize("moment", ["accepted", "completed"])
@pytest.mark.parametrize("priority", range(4))
@pytest.mark.parametrize("need", RESTRICTED)
def test_of_a_restricted_need_only_hours_travel(need, priority, moment):
    found = told(need, moment, priority)
    assert found
    for check in found:
        who = {"": "focal_point", "-provider": "provider"}
        hours, dash, provider = check["id"].removeprefix(f"call-{moment}-").partition("-")
        assert check == {
            "id": check["id"],
            "after_hours": int(hours.removesuffix("h")),
            "mode": "call",
            "ends_when_completed": check["ends_when_completed"],
            "who": who[dash + provider],
        }


def test_a_survivor_is_called_by_her_case_worker_and_asked_by_others_only_how_the_service_was():
    assert {one["who"] for one in told("GBV.PSY", priority=1)} == {"provider"}
    assert {one["who"] for one in told("GBV.PSY", "completed", priority=1)} == {"focal_point"}


@pytest.mark.parametrize("who", ["coordinator", "independent"])
def test_of_a_restricted_need_no_more_is_told_of_who_than_whether_it_is_the_provider(who):
    (check,) = checks_from("accepted", [replace(ROW, who=who)], restricted=True)
    assert check["who"] == "focal_point"


@pytest.mark.parametrize("need", ["MHP.SUIC", "TIP.LAB"])
def test_in_an_emergency_the_case_worker_calls_after_a_day_as_well_as_the_focal_point(need):
    found = [one["who"] for one in told(need, priority=0) if one["after_hours"] == 24]
    assert sorted(found) == ["focal_point", "provider"]


def test_two_who_call_at_one_hour_are_two_checks():
    rows = [ROW, replace(ROW, row_id="F-2", who="provider")]
    assert [one["id"] for one in checks_from("accepted", rows, restricted=True)] == [
        "call-accepted-24h",
        "call-accepted-24h-provider",
    ]


def test_two_rows_at_one_hour_are_one_call_that_lasts_as_long_as_either():
    rows = [ROW, replace(ROW, row_id="F-2", check="safe", ends_when_completed=False)]
    (check,) = checks_from("accepted", rows, restricted=True)
    assert not check["ends_when_completed"]
    assert [one["id"] for one in checks_from("accepted", rows, restricted=False)] == ["F-1", "F-2"]


def test_a_check_that_comes_back_is_told_each_time():
    row = replace(ROW, offset_hours=84, every_hours=84, times=3)
    found = checks_from("accepted", [row], restricted=False)
    assert [(one["id"], one["after_hours"]) for one in found] == [
        ("F-1/1", 84),
        ("F-1/2", 168),
        ("F-1/3", 252),
    ]


def test_a_child_at_high_risk_is_seen_twice_a_week_in_the_first_month():
    hours = [one["after_hours"] for one in told("CP.ABUSE", priority=1)]
    assert hours[:8] == [84, 168, 252, 336, 420, 504, 588, 672]
    assert len(hours) == 25


def test_an_emergency_is_asked_about_after_two_hours_and_a_day_by_a_human():
    found = told("BAS.SHEL", priority=0)
    assert [(one["after_hours"], one["mode"]) for one in found[:2]] == [(2, "call"), (24, "call")]


def test_only_what_counts_from_this_moment_is_told():
    assert {one["id"] for one in told("LIV.JOB", "completed")} == {
        "F-LIV-01", "F-LIV-02", "F-LIV-03", "F-ANY-01", "F-ANY-04",
    }  # fmt: skip
    assert told("LIV.JOB", "accepted") == []


def test_before_a_legal_deadline_that_is_known():
    days = [one["after_hours"] // 24 for one in told("LEG.ASY", hours_left=40 * 24) if one["mode"] == "call"]
    assert days == [25, 37]


@pytest.mark.parametrize(("hours_left", "left"), [(None, 0), (10 * 24, 1), (24, 0)])
def test_what_counts_from_an_unknown_deadline_or_is_over_is_left_out(hours_left, left):
    found = [one for one in told("LEG.ASY", hours_left=hours_left) if one["mode"] == "call"]
    assert len(found) == left


def test_no_number_in_a_table_is_too_large_to_plan():
    row = replace(ROW, offset_hours=10**12, every_hours=10**12, times=2)
    assert {one["after_hours"] for one in checks_from("accepted", [row], restricted=False)} == {MOST_HOURS}


@pytest.mark.parametrize(
    ("row", "means"),
    [
        ("F-LEG-01", ("FILED", None)),
        ("F-EDU-01", ("ENROLLED", None)),
        ("F-EDU-03", ("ATTENDING_3M", None)),
        ("F-LIV-01", ("INCOME_UP", "INCOME_NONE")),
        ("F-ANY-04", ("NEED_MET", None)),
    ],
)
def test_answers_that_indicators_are_counted_from(row, means):
    table = COMMUNITY.tables["follow_up"]
    said = dict(zip([one.name for one in table.outputs], table.row(row).outputs, strict=True))
    assert (said["outcome_if_yes"], said["outcome_if_no"]) == means


def test_a_question_has_a_template_that_asks_it():
    for need in NEEDS:
        for one in follow_ups(COMMUNITY, need=need, priority=2):
            assert one.mode == "call" or one.template in {"S4", "S5", "S6"}


def test_a_version_published_before_the_table_said_what_answers_mean_still_decides():
    new = "outcome_if_yes", "outcome_if_no", "ends_when_completed"
    gone = tuple(f"follow_up,{one}," for one in new)
    files = dict(packaged_files())
    files["columns.csv"] = "\n".join(
        line for line in files["columns.csv"].split("\n") if not line.startswith(gone)
    )
    files["follow_up.csv"] = without(files["follow_up.csv"].replace("F-LEG-02,", "F-OWN-01,"), new)
    before = Pathway.from_texts("community", files)
    found = {one.row_id: one for one in follow_ups(before, need="LEG.ASY", priority=2)}
    assert (found["F-LEG-01"].outcome_if_yes, found["F-LEG-01"].ends_when_completed) == ("FILED", True)
    assert (found["F-OWN-01"].outcome_if_yes, found["F-OWN-01"].ends_when_completed) == (None, False)
