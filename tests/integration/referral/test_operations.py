from datetime import timedelta

import pytest

from services.referral.domain.pathway import Pathway
from services.referral.domain.receipt import canonical, rederived
from services.referral.domain.status import Party, Status
from services.referral.operations import consent
from services.referral.operations.steps import Who
from shared.errors import Conflict, NotFound
from tests.integration.referral.world import (
    FOCAL,
    a_service,
    an_assessment,
    an_id,
    received,
    withdrawn,
)


class TestRouting:
    def test_an_assessment_becomes_referrals_with_receipts(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        referral = next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")
        assert referral.status is Status.REQUESTED
        assert referral.organization_id == an_id("organization Legal")
        assert referral.turn is Party.PROVIDER
        (receipt,) = world.rows("SELECT body FROM referral.receipt WHERE id = :id", id=referral.id)
        body = receipt["body"]
        assert body["route"]["row_id"].startswith("R-LEG")
        assert body["rules"]["version"] == Pathway.load().version
        assert rederived(body) == referral.service_id
        assert canonical(body) == canonical(dict(reversed(body.items())))
        types = [kind for kind, _ in world.facts()]
        assert "referral.requested.v1" in types

    def test_a_directory_without_the_service_makes_a_gap_and_no_error(self, world):
        case = an_assessment("GBV.RAPE", "LEG.REG")
        world.route(case)
        assert world.referrals(case) == []
        gaps = world.rows("SELECT * FROM referral.gap")
        assert {gap["reason"] for gap in gaps} == {"no_service"}
        told = [data for kind, data in world.facts() if kind == "gap.recorded.v1"]
        assert len(told) == len(gaps)
        restricted = [data for data in told if data["need_id"] == case.needs[0]["need_id"]]
        assert {data["service_type"] for data in restricted} == {None}

    def test_the_same_assessment_twice_gives_one_set_of_referrals(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case, case)
        before = [one.id for one in world.referrals(case)]
        world.route(case)
        assert [one.id for one in world.referrals(case)] == before

    def test_a_withheld_organization_is_never_asked(self, world):
        world.directory(a_service("Uno", "LEG_MIG"), a_service("Dos", "LEG_MIG"))
        for _ in range(4):
            case = an_assessment("LEG.REG", withheld_from=[an_id("organization Uno")])
            world.route(case)
            assert an_id("organization Uno") not in {one.organization_id for one in world.referrals(case)}

    def test_a_notice_to_an_authority_waits_for_a_person(self, world):
        world.directory(
            a_service("Autoridad", "CP_AUTH", capabilities=["icbf"]),
            a_service("Casos", "CP_CM", capabilities=["cp_specialist"]),
            a_service("Salud", "HE_CMR", capabilities=["paediatric_cmr", "cmr_kit"]),
        )
        case = an_assessment(("CP.SEXAB", {"elapsed": "le_24h"}), age_band="5-11", gender="woman")
        world.route(case)
        drafts = [one for one in world.referrals(case) if one.mode == "AUTH"]
        assert drafts
        assert {one.status for one in drafts} == {Status.DRAFT}
        sent = world.step(drafts[0], "confirm", FOCAL)
        assert sent.status is Status.REQUESTED

    def test_one_poisonous_case_becomes_gaps_and_does_not_stop_its_neighbour(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        strange = an_assessment("NOT.A_NEED")
        good = an_assessment("LEG.REG")
        world.route(strange, good)
        assert world.referrals(good)
        (gap,) = world.rows(
            "SELECT reason FROM referral.gap WHERE assessment_id = :id", id=strange.assessment_id
        )
        assert gap["reason"] == "not_routed"

    def test_nothing_personal_is_published(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        world.route(an_assessment("LEG.REG"))
        for _, data in world.facts():
            assert not {"age_band", "gender", "need_code", "languages", "organization_name"} & set(data)


class TestSteps:
    def one(self, world, *services):
        world.directory(*(services or (a_service("Legal", "LEG_MIG"),)))
        case = an_assessment("LEG.REG")
        world.route(case)
        return next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")

    def test_a_referral_runs_to_its_end(self, world):
        referral = self.one(world)
        appointment = world.now + timedelta(days=2)
        referral = world.step(referral, "accept", appointment_at=appointment)
        referral = world.step(referral, "start")
        referral = world.step(referral, "complete", outcome="NEED_MET")
        assert (referral.status, referral.outcome, referral.due_at) == (Status.COMPLETED, "NEED_MET", None)
        kinds = [kind for kind, data in world.facts() if data.get("referral_id") == referral.id]
        assert kinds == [
            "referral.requested.v1",
            "referral.accepted.v1",
            "referral.started.v1",
            "referral.completed.v1",
        ]
        assert world.rows("SELECT * FROM referral.clock WHERE referral_id = :id", id=referral.id) == []

    def test_another_organization_does_not_learn_that_it_exists(self, world):
        referral = self.one(world)
        with pytest.raises(NotFound):
            world.step(referral, "accept", Who(Party.PROVIDER, an_id("x"), an_id("other")))
        with pytest.raises(NotFound):
            world.step(
                referral, "cancel", Who(Party.FOCAL_POINT, an_id("x"), an_id("other")), reason="need_gone"
            )

    def test_a_repeat_with_the_same_key_answers_the_same(self, world):
        referral = self.one(world)
        first = world.step(referral, "accept", key="k1")
        again = world.step(referral, "accept", key="k1")
        assert again == first
        with pytest.raises(Conflict) as refused:
            world.step(referral, "reject", key="k1", reason="NO_CAPACITY")
        assert refused.value.code == "idempotency_conflict"

    def test_a_double_tap_without_a_key_changes_nothing(self, world):
        referral = self.one(world)
        first = world.step(referral, "accept")
        assert world.step(referral, "accept") == first

    def test_a_place_is_taken_when_the_provider_accepts(self, world):
        places = [{"id": an_id("c"), "available": 2, "updated": "2026-03-02T08:00:00-05:00"}]
        referral = self.one(world, a_service("Legal", "LEG_MIG", capacities=places))
        world.step(referral, "accept")
        (row,) = world.rows("SELECT available FROM referral.capacity")
        assert row["available"] == 1


class TestRerouting:
    def setup_two(self, world):
        world.directory(a_service("Uno", "LEG_MIG"), a_service("Dos", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        first = next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")
        return case, first

    def chain(self, world, case):
        return [one for one in world.referrals(case) if one.service_type == "LEG_MIG"]

    def test_a_rejection_asks_the_next_and_then_becomes_a_gap(self, world):
        case, first = self.setup_two(world)
        world.step(first, "reject", reason="NO_CAPACITY")
        rejected, second = sorted(self.chain(world, case), key=lambda one: one.attempt)
        assert (second.attempt, second.predecessor_id) == (2, rejected.id)
        assert rejected.successor_id == second.id
        assert second.organization_id != first.organization_id
        world.step(second, "reject", reason="NO_CAPACITY")
        assert len(self.chain(world, case)) == 2
        gaps = world.rows("SELECT * FROM referral.gap WHERE need_id = :id", id=first.need_id)
        assert [str(gap["referral_id"]) for gap in gaps] == [second.id]

    def test_when_the_person_declined_nobody_else_is_asked(self, world):
        case, first = self.setup_two(world)
        world.step(first, "reject", reason="PERSON_DECLINED")
        assert len(self.chain(world, case)) == 1

    def test_without_consent_nobody_else_is_asked(self, world):
        case, _ = self.setup_two(world)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case))], now=world.now)
        (only,) = self.chain(world, case)
        assert (only.status, only.reason) == (Status.CANCELLED, "consent_withdrawn")
        with pytest.raises(NotFound):
            world.step(only, "reject", reason="NO_CAPACITY")

    def test_after_five_attempts_the_coordinator_decides(self, world):
        world.directory(*(a_service(f"Numero {number}", "LEG_MIG") for number in range(8)))
        case = an_assessment("LEG.REG")
        world.route(case)
        for _ in range(5):
            last = max(self.chain(world, case), key=lambda one: one.attempt)
            world.step(last, "reject", reason="NO_CAPACITY")
        assert len(self.chain(world, case)) == 5
        (gap,) = world.rows("SELECT reason FROM referral.gap WHERE need_id = :id", id=last.need_id)
        assert gap["reason"] == "attempts_exhausted"


class TestOnBehalfOfWhom:
    def test_work_for_the_caregiver_of_a_working_child_is_not_refused_for_the_childs_age(self, world):
        world.directory(
            a_service("Empleo", "LV_JOB", minimum_age=18), a_service("Defensoria", "CP_CM", capabilities=())
        )
        case = an_assessment("CP.LABOUR", age_band="5-11")
        world.route(case)
        assert "LV_JOB" in {one.service_type for one in world.referrals(case)}

    def test_help_for_the_child_itself_still_is(self, world):
        world.directory(a_service("Adultos", "CP_CM", minimum_age=18))
        case = an_assessment("CP.LABOUR", age_band="5-11")
        world.route(case)
        assert "CP_CM" not in {one.service_type for one in world.referrals(case)}
