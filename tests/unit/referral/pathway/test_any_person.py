"""What holds for every person, tried on many."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings

from services.referral.domain.pathway import decide
from shared import codes
from tests.unit.referral.pathway.asking import persons
from tests.unit.referral.pathway.cases import COMMUNITY, need, person, services

SOME = settings(max_examples=300, deadline=None, derandomize=True)
NO_CHOICE = ("FIRST", "PAR", "THEN", "AUTH")


def test_no_need_is_met_with_silence_whoever_asks_and_whatever_is_unknown():
    whos = product(
        codes.load("needs"),
        codes.load("countries"),
        codes.load("age_bands"),
        codes.load("genders"),
        [(), ("none",), ("visa",)],
        [None, 1, 3],
    )
    for code, country, age_band, gender, documents, household_size in whos:
        case = person(
            need(code),
            country=country,
            age_band=age_band,
            gender=gender,
            documents=documents,
            household_size=household_size,
        )
        decision = decide(COMMUNITY, case)[0]
        first = services(decision, "FIRST", "AUTH")
        assert first, (code, country, age_band, gender)
        assert 0 <= decision.priority <= 3
        assert 1 <= decision.deadline_hours <= 168


@SOME
@given(persons(most_needs=4))
def test_every_need_has_help_of_its_own_or_a_notice(case):
    decisions = decide(COMMUNITY, case)
    assert [decision.need_id for decision in decisions] == [one.need_id for one in case.needs]
    for decision in decisions:
        assert decision.services or decision.notices
        assert decision.reasons


@SOME
@given(persons(most_needs=4))
def test_the_same_case_gives_the_same_decisions(case):
    assert decide(COMMUNITY, case) == decide(COMMUNITY, replace(case))


@SOME
@given(persons(most_needs=4))
def test_a_service_comes_twice_only_where_a_need_would_be_left_alone(case):
    found = decide(COMMUNITY, case)
    routes = [route for decision in found for route in decision.services]
    for route in routes:
        same = [one for one in routes if (one.service, one.capability) == (route.service, route.capability)]
        if len(same) > 1:
            alone = [one for one in found if [route.service] == [only.service for only in one.services]]
            assert len(same) <= len(alone) + 1


@SOME
@given(persons(most_needs=4))
def test_exclusions_beat_everything(case):
    decisions = decide(COMMUNITY, case)
    excluded = [one for decision in decisions for one in decision.excluded]
    routes = [route for decision in decisions for route in (*decision.services, *decision.offers)]
    for one in excluded:
        for route in routes:
            if route.service == one.service:
                assert one.capability in route.barred
            if one.capability is None:
                assert route.or_else != one.service


@SOME
@given(persons(most_needs=4))
def test_at_most_three_that_are_not_urgent_run_at_once(case):
    running = [
        route
        for decision in decide(COMMUNITY, case)
        if decision.priority >= 2
        for route in decision.services
        if not route.deferred and route.waits_for is None
    ]
    assert len(running) <= 3


@SOME
@given(persons(most_needs=4))
def test_what_is_urgent_is_never_deferred(case):
    for decision in decide(COMMUNITY, case):
        assert decision.priority > 1 or not any(route.deferred for route in decision.services)


@SOME
@given(persons(most_needs=4))
def test_a_step_waits_only_for_what_this_person_is_referred_to(case):
    decisions = decide(COMMUNITY, case)
    referred = {route.service for decision in decisions for route in decision.services}
    for decision in decisions:
        for route in decision.services:
            assert route.waits_for is None or route.waits_for in referred


@SOME
@given(persons())
def test_police_and_prosecution_are_the_persons_choice(case):
    decision = decide(COMMUNITY, case)[0]
    assert not {"POLICE", "PROSEC"} & set(services(decision, *NO_CHOICE))


@SOME
@given(persons())
def test_a_child_does_not_consent_alone(case):
    if not case.minor:
        return
    for route in decide(COMMUNITY, case)[0].services:
        assert route.consent in ("C2", "C3")


@SOME
@given(persons())
def test_one_more_criterion_never_lowers_the_priority(case):
    before = decide(COMMUNITY, case)[0]
    for criterion in ("V14", "V24", "V10"):
        more = replace(case, criteria=(*{*case.criteria, criterion},))
        assert decide(COMMUNITY, more)[0].priority <= before.priority


@SOME
@given(persons())
def test_not_knowing_is_at_least_as_urgent_as_the_mildest_answer(case):
    known = case.needs[0]
    silent = replace(case, needs=(replace(known, facts={}),))
    for danger in ("danger_now", "suicide_plan"):
        mild = replace(case, needs=(replace(known, facts={danger: "no"}),))
        assert decide(COMMUNITY, silent)[0].priority <= decide(COMMUNITY, mild)[0].priority


@SOME
@given(persons())
def test_restricted_needs_stay_restricted_in_every_route(case):
    decision = decide(COMMUNITY, case)[0]
    for route in (*decision.services, *decision.offers, *decision.notices):
        assert route.sensitivity >= decision.sensitivity
        assert route.sensitivity >= codes.load("service_types")[route.service].fact("sensitivity")
