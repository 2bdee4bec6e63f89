from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.referral.domain.directory import Capacity, CapacityStatus, Opening, Service
from services.referral.domain.filters import FILTERS, GAP_OF, Wanted
from services.referral.domain.matching import WEIGHTS, match, why_not
from services.referral.domain.snapshot import Snapshot
from shared import codes

MONDAY_NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 12:00 in Bogotá
LATER = MONDAY_NOON + timedelta(days=2)


def a_service(number=1, **changes):
    fields = {
        "id": f"0190a000-0000-7000-8000-{number:012d}",
        "organization_id": f"0190b000-0000-7000-8000-{number:012d}",
        "name": f"Servicio ejemplo {number}",
        "types": frozenset({"LEG_MIG"}),
        "country": "CO",
        "areas": frozenset({"CO-CUCUTA"}),
        "verified_at": date(2026, 2, 1),
        "capacity": Capacity(CapacityStatus.HAS_CAPACITY, 5, LATER, MONDAY_NOON),
    }
    return Service(**{**fields, **changes})


def wanted(**changes):
    fields = {
        "seed": "0190c000-0000-7000-8000-000000000001",
        "need_code": "LEG.REG",
        "service_type": "LEG_MIG",
        "priority": 2,
        "country": "CO",
        "locality": "CO-CUCUTA",
        "age_band": "18-59",
        "gender": "woman",
    }
    return Wanted(**{**fields, **changes})


def snapshot(*services, **rest):
    return replace(Snapshot().with_changes(services, version=1), **rest)


def find(want, *services):
    return match(snapshot(*services), want, now=MONDAY_NOON)


EXCLUDING = {
    "excluded": ({}, {"withheld": frozenset({a_service().organization_id})}),
    "tried_before": ({}, {"tried": frozenset({a_service().id})}),
    "capability": ({}, {"capabilities": frozenset({"cmr_kit"})}),
    "age": ({"minimum_age": 18}, {"age_band": "12-17"}),
    "gender": ({"serves": frozenset({"women"})}, {"gender": "trans_woman"}),
    "not_vetted": ({}, {"need_code": "GBV.PHYS", "sensitivity": "S3"}),
    "stale": ({"verified_at": date(2025, 8, 1)}, {}),
    "preference": ({}, {"preferences": frozenset({"women_staffed"})}),
    "documents": ({"documents": frozenset({"ppt"})}, {"documents": frozenset({"passport"})}),
    "language": ({}, {"languages": frozenset({"wba"})}),
    "accessibility": ({}, {"accessibility": frozenset({"step_free"})}),
    "cost": ({"free": False}, {"need_code": "PRO.HRV"}),
    "no_capacity": ({"capacity": Capacity(CapacityStatus.HAS_CAPACITY, 0, LATER)}, {}),
    "closed_now": ({"openings": (Opening(6, 540, 720),)}, {"priority": 0, "within_hours": 3}),
}


class TestFilters:
    @pytest.mark.parametrize("code", FILTERS)
    def test_each_filter_excludes_and_says_so(self, code):
        service_changes, want_changes = EXCLUDING[code]
        service = a_service(**service_changes)
        found = find(wanted(**want_changes), service)
        assert found.chosen is None
        assert found.why_not == {service.id: code}
        assert found.gap_reason == GAP_OF[code]

    def test_every_filter_has_a_gap_reason_of_the_code_list(self):
        assert set(GAP_OF) == set(FILTERS)
        assert set(GAP_OF.values()) <= codes.values("gap_reasons")

    def test_a_trans_woman_is_served_by_her_declared_gender(self):
        service = a_service(serves=frozenset({"women", "trans_women"}))
        assert find(wanted(gender="trans_woman"), service).chosen

    def test_a_child_is_not_sent_to_a_place_that_is_barred(self):
        service = a_service(capabilities=frozenset({"adult_shelter"}))
        assert find(wanted(barred=frozenset({"adult_shelter"})), service).chosen is None

    def test_no_paper_is_asked_for_urgent_health_care(self):
        service = a_service(types=frozenset({"HE_EMERG"}), documents=frozenset({"ppt"}))
        assert find(wanted(service_type="HE_EMERG", documents=frozenset({"none"})), service).chosen

    def test_an_emergency_line_is_reached_even_when_unverified_and_withheld(self):
        line = a_service(
            types=frozenset({"EM_LINE"}), areas=frozenset(), remote=True, verified_at=date(2024, 1, 1)
        )
        want = wanted(service_type="EM_LINE", priority=0, withheld=frozenset({line.organization_id}))
        assert find(want, line).chosen

    @pytest.mark.parametrize(
        ("until", "passes"), [(date(2026, 3, 2), True), (date(2026, 3, 1), False), (None, True)]
    )
    def test_a_vetting_holds_until_its_last_day(self, until, passes):
        service = a_service(gates={"gbv_vetted": until})
        assert bool(find(wanted(need_code="GBV.PHYS", sensitivity="S3"), service).chosen) is passes

    def test_an_expired_count_of_places_is_unknown_and_does_not_exclude(self):
        service = a_service(
            capacity=Capacity(CapacityStatus.NO_CAPACITY, 0, MONDAY_NOON - timedelta(hours=1))
        )
        chosen = find(wanted(priority=0), service).chosen
        assert "capacity_unknown" in chosen.warnings

    def test_a_waiting_list_is_for_those_who_can_wait(self):
        service = a_service(capacity=Capacity(CapacityStatus.WAITLIST, None, LATER))
        assert find(wanted(priority=3), service).chosen
        assert find(wanted(priority=1), service).gap_reason == "no_capacity"

    def test_places_asked_for_and_not_answered_yet_are_not_free_for_an_emergency(self):
        service = a_service()
        full = match(snapshot(service), wanted(priority=0), now=MONDAY_NOON, pending={service.id: 5})
        assert full.gap_reason == "no_capacity"

    def test_an_emergency_at_night_finds_who_opens_in_time(self):
        opens_at_eight = a_service(openings=(Opening(1, 480, 1020),))
        night = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # Tuesday 02:00 in Bogotá
        in_time = match(snapshot(opens_at_eight), wanted(priority=0, within_hours=8), now=night)
        too_late = match(snapshot(opens_at_eight), wanted(priority=0, within_hours=3), now=night)
        assert in_time.chosen
        assert too_late.gap_reason == "closed_now"

    def test_opening_hours_are_found_across_the_end_of_the_week(self):
        service = a_service(openings=(Opening(0, 480, 1020),))
        sunday_night = datetime(2026, 3, 8, 23, 0)  # noqa: DTZ001 - local wall clock
        assert service.opens_within(sunday_night, 10)
        assert not service.opens_within(sunday_night, 2)


class TestRings:
    def test_the_own_locality_wins_over_a_better_one_elsewhere(self):
        near = a_service(1, capacity=Capacity())
        far = a_service(2, areas=frozenset({"CO-BUCARAMANGA"}))
        found = find(wanted(), near, far)
        assert found.chosen.service.id == near.id
        assert found.chosen.ring == 1

    def test_the_neighbours_come_second_and_what_reaches_the_country_third(self):
        neighbour = a_service(1, areas=frozenset({"CO-BUCARAMANGA"}))
        phone = a_service(2, areas=frozenset(), remote=True)
        assert find(wanted(), neighbour, phone).chosen.ring == 2
        assert find(wanted(), phone).chosen.ring == 3

    def test_another_country_is_never_offered(self):
        service = a_service(country="EC", areas=frozenset({"CO-CUCUTA", "CO-BUCARAMANGA"}))
        assert find(wanted(locality="CO-BOGOTA"), service).chosen is None

    def test_a_gap_says_whether_the_service_exists_elsewhere(self):
        far = a_service(areas=frozenset({"CO-CALI"}))
        assert find(wanted(), far).gap_reason == "too_far"
        assert find(wanted(), a_service(types=frozenset({"FOOD"}))).gap_reason == "no_service"

    def test_a_locality_that_nobody_listed_still_reaches_remote_help(self):
        phone = a_service(areas=frozenset(), remote=True)
        assert find(wanted(locality="CO-NOWHERE"), phone).chosen


class TestScore:
    def test_the_parts_are_shown_and_add_up(self):
        chosen = find(wanted(), a_service()).chosen
        assert set(chosen.parts) == set(WEIGHTS)
        assert chosen.score == pytest.approx(sum(WEIGHTS[name] * part for name, part in chosen.parts.items()))
        assert sum(WEIGHTS.values()) == pytest.approx(1)

    def test_peer_led_help_is_preferred_when_asked_and_not_demanded(self):
        plain, peers = a_service(1), a_service(2, capabilities=frozenset({"peer_led"}))
        want = wanted(preferences=frozenset({"peer_led"}))
        assert find(want, plain, peers).chosen.service.id == peers.id
        assert find(want, plain).chosen

    def test_equals_share_the_load(self):
        one, two = a_service(1), a_service(2)
        found = match(snapshot(one, two), wanted(), now=MONDAY_NOON, pending={one.id: 1})
        assert found.chosen.service.id == two.id

    def test_ties_agree_whatever_the_order_of_the_directory(self):
        services = [a_service(number) for number in range(1, 30)]
        first = find(wanted(), *services)
        again = find(wanted(), *reversed(services))
        assert [one.service.id for one in first.best] == [one.service.id for one in again.best]
        assert len(first.best) == 3
        assert first.eligible == 29

    def test_different_people_meet_different_ones_of_equals(self):
        services = [a_service(number) for number in range(1, 10)]
        chosen = {
            find(wanted(seed=f"0190c000-0000-7000-8000-{number:012d}"), *services).chosen.service.id
            for number in range(40)
        }
        assert len(chosen) > 4


class TestWhyNot:
    def test_every_service_has_an_answer(self):
        here, elsewhere = a_service(1), a_service(2, areas=frozenset({"CO-CALI"}))
        food = a_service(3, types=frozenset({"FOOD"}))
        closed = a_service(4, active=False)
        taken = snapshot(here, elsewhere, food, closed)

        def ask(service):
            return why_not(taken, wanted(), service, now=MONDAY_NOON, pending={})

        assert [ask(one) for one in (here, elsewhere, food, closed)] == [
            None,
            "other_area",
            "other_service",
            "not_active",
        ]


class TestSnapshot:
    def test_a_change_makes_a_new_snapshot_and_leaves_the_old_one(self):
        old = snapshot(a_service(1), a_service(2))
        moved = replace(a_service(1), areas=frozenset({"CO-CALI"}))
        new = old.with_changes([moved], version=2)
        assert [one.id for one in new.here[("LEG_MIG", "CO-CALI")]] == [moved.id]
        assert [one.id for one in new.here[("LEG_MIG", "CO-CUCUTA")]] == [a_service(2).id]
        assert len(old.here[("LEG_MIG", "CO-CUCUTA")]) == 2
        assert new.anywhere == old.anywhere == {("LEG_MIG", "CO"): 2}

    def test_a_service_that_closes_leaves_the_index(self):
        new = snapshot(a_service(1)).with_changes([replace(a_service(1), active=False)], version=2)
        assert new.here[("LEG_MIG", "CO-CUCUTA")] == ()
        assert new.anywhere[("LEG_MIG", "CO")] == 0
