"""What holds whatever the need: an emergency gets emergency care."""

import pytest

from shared import codes
from tests.unit.referral.pathway.cases import one, services

NEEDS = codes.load("needs")


def first(decision):
    return {route.service for route in decision.services if route.mode == "FIRST"}


@pytest.mark.parametrize("need", NEEDS)
def test_a_medical_emergency_is_sent_to_emergency_care_whatever_the_need(need):
    decision = one(need, {"medical_emergency": "yes"})
    assert decision.priority == 0
    assert "HE_EMERG" in first(decision)


@pytest.mark.parametrize("need", NEEDS)
def test_a_suicide_plan_is_sent_to_emergency_care_whatever_the_need(need):
    decision = one(need, {"suicide_plan": "yes"})
    assert decision.priority == 0
    assert "HE_EMERG" in first(decision)
    assert "PS_CRISIS" in services(decision)


@pytest.mark.parametrize("plan", ["yes", "no"])
@pytest.mark.parametrize("need", NEEDS)
def test_emergency_care_is_asked_for_once(need, plan):
    decision = one(need, {"medical_emergency": "yes", "suicide_plan": plan})
    assert [route.service for route in decision.services].count("HE_EMERG") == 1
    assert "HE_EMERG" not in {covered.service for covered in decision.covered}
