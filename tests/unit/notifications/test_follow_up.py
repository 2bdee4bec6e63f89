"""The checks of a fact are planned as it says, but for what may never happen."""

from datetime import timedelta

import pytest

from services.notifications.domain.follow_up import Check, plan

A_DAY = timedelta(days=1)
WORK = {
    "id": "F-LIV-01",
    "after_hours": 2160,
    "mode": "auto",
    "template": "S5",
    "outcome_if_yes": "INCOME_UP",
    "outcome_if_no": "INCOME_NONE",
    "ends_when_completed": False,
    "who": "coordinator",
}


def planned(*told, restricted=False):
    return plan(told, "completed", restricted=restricted, otherwise=A_DAY)


def test_a_check_is_planned_as_the_fact_says():
    (check,) = planned(WORK)
    assert check == Check(
        "F-LIV-01", timedelta(days=90), "auto", "S5", "INCOME_UP", "INCOME_NONE", ends_when_completed=False
    )


def test_a_restricted_need_is_never_asked_about_by_machine_nor_named():
    (check,) = planned(WORK, restricted=True)
    assert check == Check("call-completed-2160h", timedelta(days=90))


@pytest.mark.parametrize("template", [None, "S1", "S3", "S7", "none of ours"])
def test_a_question_that_no_template_asks_becomes_a_call(template):
    (check,) = planned(WORK | {"template": template})
    assert (check.mode, check.template_id, check.outcome_if_yes) == ("call", None, None)


def test_a_mode_of_a_later_release_is_a_call():
    assert planned(WORK | {"mode": "letter"})[0].mode == "call"


@pytest.mark.parametrize("restricted", [True, False])
def test_a_fact_that_does_not_say_is_followed_by_one_call(restricted):
    found = plan(None, "accepted", restricted=restricted, otherwise=A_DAY)
    assert found == [Check("call-accepted", A_DAY)]


def test_a_fact_that_says_none_is_followed_by_none():
    assert planned() == []


def test_fields_of_a_later_release_are_passed_over():
    assert planned(WORK | {"colour": "blue"}) == planned(WORK)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize(
    ("who", "by_provider"),
    [
        ("provider", True),
        ("focal_point", False),
        ("coordinator", False),
        ("independent", False),
        (None, False),
    ],
)
def test_who_decides_and_where_nobody_is_named_the_focal_point_calls(who, by_provider, restricted):
    (check,) = planned(WORK | {"who": who}, restricted=restricted)
    assert check.by_provider is by_provider


def test_a_restricted_call_of_the_provider_is_another_than_that_of_the_focal_point():
    checks = planned(WORK, WORK | {"who": "provider"}, restricted=True)
    assert [check.id for check in checks] == ["call-completed-2160h", "call-completed-2160h-provider"]
