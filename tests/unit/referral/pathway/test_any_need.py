"""What holds whatever the need: an emergency gets emergency care, a child alone an authority."""

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


@pytest.mark.parametrize("criterion", ["V02", "V04"])
@pytest.mark.parametrize("country", codes.load("countries"))
@pytest.mark.parametrize("need", NEEDS)
def test_a_child_alone_has_an_authority_and_no_shelter_for_adults_whatever_the_need(need, country, criterion):
    decision = one(need, {"danger_now": "yes"}, country=country, age_band="12-17", criteria=(criterion,))
    assert "CP_AUTH" in services(decision)
    assert "SHEL" not in services(decision)
    never = {(exclusion.service, exclusion.capability) for exclusion in decision.excluded}
    assert {("SHEL", None), ("SAFE", "adult_shelter")} <= never


def test_a_child_alone_under_threat_is_offered_care_in_place_of_lodging():
    decision = one("PRO.EXTORT", {"recent_7d": "yes"}, age_band="12-17", criteria=("V02",))
    assert "ALTCARE" in services(decision, "PAR")


@pytest.mark.parametrize("experience", ["yes", "no", "not_asked"])
@pytest.mark.parametrize("need", NEEDS)
def test_nobody_is_placed_in_work_before_her_papers(need, experience):
    facts = {} if experience == "not_asked" else {"experience": experience}
    decision = one(need, facts, criteria=("V22",))
    placements = [route for route in decision.services if route.service == "LV_JOB"]
    assert {route.waits_for for route in placements} <= {"LEG_MIG"}
    assert not placements or "LEG_MIG" in services(decision, "FIRST", "PAR")


@pytest.mark.parametrize("need", ["GBV.RAPE", "GBV.PHYS", "GBV.SSEX", "GBV.RISK", "PRO.SEA"])
def test_danger_after_violence_offers_a_safe_place(need):
    assert "SAFE" in services(one(need, {"danger_now": "yes"}), "PAR")
