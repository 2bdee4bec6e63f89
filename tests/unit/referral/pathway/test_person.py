"""Several needs of one person, seen together."""

from services.referral.domain.pathway import decide
from tests.unit.referral.pathway.cases import COMMUNITY, need, person, services

CALM = {"danger_now": "no"}


def both(*needs, **who):
    return decide(COMMUNITY, person(*needs, **who))


def test_the_more_urgent_need_brings_a_service_that_two_need():
    rape, distress = both(need("GBV.RAPE", "a", **CALM, elapsed="le_24h"), need("MHP.DIST", "b"))
    assert "PS_BASIC" in services(rape)
    assert services(distress) == ["PS_BASIC"]
    assert [(one.service, one.need_id) for one in distress.covered] == [("PS_FOCUS", "a")]


def test_a_need_is_never_left_without_help_of_its_own():
    eviction, wages = both(need("LEG.HOUS", "a", deadline_days=2), need("LEG.LAB", "b"))
    assert services(eviction, "FIRST") == services(wages, "FIRST") == ["LEGAL"]


def test_a_need_with_other_help_tells_what_another_need_covers():
    alone, shelter = both(
        need("CP.UNACC", "a"), need("BAS.SHEL", "b", tonight="yes"), age_band="12-17", criteria=("V02",)
    )
    assert services(alone, "FIRST") == ["CP_AUTH"]
    assert services(shelter) == ["FOOD", "NFI"]
    assert {one.service for one in shelter.covered} == {"CP_AUTH", "ALTCARE", "CP_CM"}


def test_what_one_need_excludes_is_excluded_for_all():
    _, threat = both(need("CP.UNACC", "a"), need("PRO.PHYS", "b", **CALM), age_band="12-17")
    assert "SHEL" not in services(threat)
    _, family = both(need("GBV.PSY", "a", **CALM), need("LEG.FAM", "b"))
    assert family.services[0].barred == {"mediation"}


def test_an_adult_who_tells_of_a_child_alone_may_be_lodged():
    _, shelter = both(need("CP.UNACC", "a"), need("BAS.SHEL", "b", tonight="yes"))
    route = next(one for one in shelter.services if one.service == "SHEL")
    assert "adult_shelter" in route.barred


def test_a_child_with_family_who_may_not_go_to_a_shelter_gets_a_case_worker():
    _, shelter = both(
        need("CP.UNACC", "a"),
        need("BAS.SHEL", "b", tonight="no"),
        age_band="12-17",
        household_size=3,
    )
    assert services(shelter) == ["CP_CM"]


def test_offers_of_what_is_referred_anyway_are_not_repeated():
    violence, _ = both(need("GBV.PSY", "a", **CALM), need("LEG.FAM", "b"))
    assert "LEGAL" not in services(violence, "OPT")


def test_protection_and_health_come_before_livelihoods_when_it_is_too_much():
    found = both(
        need("LIV.VOC", "a", experience="no"),
        need("SOC.INFO", "b"),
        need("EDU.KIT", "c"),
        need("HEA.DIS", "d"),
        need("BAS.CASH", "e"),
        documents=("visa",),
    )
    now = [
        route.service for one in found for route in one.services if not (route.deferred or route.waits_for)
    ]
    later = [route.service for one in found for route in one.services if route.deferred]
    assert sorted(now) == ["CASH", "EDU_KIT", "HE_REHAB"]
    assert sorted(later) == ["INFO", "LV_VOC"]


def test_papers_come_before_a_job_even_when_two_needs_ask_for_them():
    papers, work = both(need("LEG.REG", "a"), need("LIV.JOB", "b"), documents=("none",))
    assert services(papers) == ["LEG_MIG"]
    job = work.services[0]
    assert (job.service, job.mode, job.waits_for) == ("LV_JOB", "THEN", "LEG_MIG")


def test_a_deadline_brings_its_need_forward():
    asylum, shelter = both(need("LEG.ASY", "a", deadline_days=5), need("BAS.SHEL", "b", tonight="yes"))
    assert (asylum.priority, shelter.priority) == (1, 2)
