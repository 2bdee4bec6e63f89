from concurrent.futures import ThreadPoolExecutor

from services.referral.domain.status import OPEN, Party, Status
from services.referral.operations import clocks, consent, filling, outcomes
from services.referral.store.gaps import any_marked
from shared.events.notifications import OutcomeReported
from shared.ids import new_id
from tests.integration.referral.world import COORDINATOR, FOCAL, a_service, an_assessment, received, withdrawn


class TestConsent:
    def test_withdrawing_cancels_what_is_open_and_erases_what_the_case_said(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case))], now=world.now)
        assert not [one for one in world.referrals(case) if one.status in OPEN]
        (kept,) = world.rows("SELECT facts, withdrawn_at FROM referral.person_case")
        assert kept["facts"] == {}
        assert kept["withdrawn_at"] is not None

    def test_an_assessment_that_arrives_after_its_withdrawal_is_not_routed(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case, "all"))], now=world.now)
        world.route(case)
        assert world.referrals(case) == []

    def test_withdrawing_contact_alone_keeps_the_referrals(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case, "contact"))], now=world.now)
        assert {one.contact_allowed for one in world.referrals(case)} == {False}
        assert {one.status for one in world.referrals(case)} <= OPEN


class TestStepsThatWait:
    def test_what_waited_is_sent_when_the_step_before_is_completed(self, world):
        world.directory(a_service("Legal", "LEG_MIG"), a_service("Refugio", "ASYL"))
        case = an_assessment("LEG.ASY")
        world.route(case)
        first, second = sorted(world.referrals(case), key=lambda one: one.waiting)
        assert (first.service_type, second.service_type) == ("LEG_MIG", "ASYL")
        assert (second.status, second.waiting) == (Status.DRAFT, True)
        accepted = world.step(first, "accept")
        world.step(accepted, "complete", outcome="NEED_MET")
        sent = next(one for one in world.referrals(case) if one.id == second.id)
        assert (sent.status, sent.turn) == (Status.REQUESTED, Party.PROVIDER)

    def test_when_nobody_gives_the_step_before_the_next_one_does_not_wait(self, world):
        world.directory(a_service("Refugio", "ASYL"))
        case = an_assessment("LEG.ASY")
        world.route(case)
        (only,) = world.referrals(case)
        assert (only.service_type, only.status) == ("ASYL", Status.REQUESTED)

    def test_no_more_than_three_that_are_not_urgent_run_at_once(self, world):
        kinds = [
            "LEG_MIG",
            "FOOD",
            "EDU_KIT",
            "INFO",
            "PEER",
            "LV_JOB",
            "LEGAL",
            "CHILDCARE",
            "NFI",
            "EDU_AUTH",
        ]
        world.directory(a_service("Todo", *kinds))
        case = an_assessment("LEG.DOC", "EDU.KIT", "SOC.INFO", "LEG.LAB", "BAS.HYG")
        world.route(case)
        sent = [one for one in world.referrals(case) if one.status is Status.REQUESTED]
        put_off = [one for one in world.referrals(case) if one.waiting]
        assert len(sent) == 3
        assert put_off
        world.step(sent[0], "reject", reason="PERSON_DECLINED")
        running = [one for one in world.referrals(case) if one.status is Status.REQUESTED]
        assert len(running) == 3

    def test_two_providers_may_close_two_referrals_of_one_person_at_once(self, world):
        world.directory(
            a_service("Legal", "LEG_MIG"), a_service("Refugio", "ASYL"), a_service("Comida", "FOOD")
        )
        case = an_assessment("LEG.ASY", "BAS.FOOD")
        world.route(case)
        running = [world.step(one, "accept") for one in world.referrals(case) if not one.waiting]
        assert len(running) == 2
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(lambda one: world.step(one, "complete", outcome="NEED_MET"), running))
        assert {one.status for one in ended} == {Status.COMPLETED}
        assert not [one for one in world.referrals(case) if one.status is Status.DRAFT]


class TestOutcomes:
    def test_an_outcome_is_kept_once(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        world.route(an_assessment("LEG.REG"))
        referral = world.referrals()[0]
        told = OutcomeReported(
            seq=1,
            outcome_id=new_id(),
            referral_id=referral.id,
            assessment_id=referral.assessment_id,
            person_id=referral.person_id,
            outcome="NEED_MET",
            source="person",
        )
        stray = OutcomeReported(**{**told.data(), "seq": 1, "outcome_id": new_id(), "referral_id": new_id()})
        with world.engine.begin() as conn:
            outcomes.keep_outcomes(conn, [received(told), received(told), received(stray)])
        assert len(world.rows("SELECT * FROM referral.outcome")) == 1


class TestNobodyDoesAnything:
    def test_after_thirty_days_every_referral_is_on_the_coordinators_list(self, world):
        world.directory(
            a_service("Uno", "LEG_MIG", "LV_JOB", "LV_CERT", "FOOD"),
            a_service(
                "Dos", "LEG_MIG", "GBV_CM", "PS_BASIC", "HE_CMR", capabilities=["gbv_specialist", "cmr_kit"]
            ),
            a_service("Autoridad", "CP_AUTH", "CP_CM", capabilities=["icbf", "cp_specialist"]),
        )
        cases = [
            an_assessment("LEG.REG", "BAS.FOOD"),
            an_assessment(("GBV.RAPE", {"elapsed": "le_24h"})),
            an_assessment("CP.ABUSE", age_band="5-11"),
            an_assessment("LIV.JOB"),
        ]
        world.route(*cases)
        total = len(world.referrals())
        assert total >= 6
        for _ in range(31 * 12):
            world.later(hours=2)
            with world.engine.begin() as conn:
                clocks.run_due(conn, world.router, now=world.now)
        live_ends = [one for one in world.referrals() if one.successor_id is None]
        assert live_ends
        for one in live_ends:
            assert one.escalated_to is Party.COORDINATOR, (one.status, one.reason, one.due_at)
            assert one.turn in {Party.COORDINATOR, Party.NONE}
        expired = [one for one in live_ends if one.status is Status.FAILED]
        gaps = {str(row["referral_id"]) for row in world.rows("SELECT referral_id FROM referral.gap")}
        assert {one.id for one in expired} <= gaps
        assert world.rows("SELECT * FROM referral.clock") == []

    def test_a_clock_that_two_workers_run_fires_once(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        world.route(an_assessment("LEG.REG"))
        world.later(days=10)
        with world.engine.begin() as one, world.engine.begin() as other:
            assert clocks.run_due(one, world.router, now=world.now) >= 1
            assert clocks.run_due(other, world.router, now=world.now) == 0

    def test_the_coordinator_may_cancel_what_nobody_took(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        world.route(an_assessment("LEG.REG"))
        cancelled = world.step(world.referrals()[0], "cancel", COORDINATOR, reason="need_gone")
        assert cancelled.status is Status.CANCELLED


class TestGapsThatClose:
    def look_again(self, world):
        with world.engine.begin() as conn:
            return filling.look_again(conn, world.router, now=world.now)

    def a_gap(self, world):
        case = an_assessment("LEG.REG")
        world.route(case)
        assert world.rows("SELECT * FROM referral.gap WHERE closed_at IS NULL")
        return case

    def test_a_new_provider_closes_the_gap_with_a_draft_for_the_focal_point(self, world):
        case = self.a_gap(world)
        world.later(days=5)
        world.directory(a_service("Nuevo", "LEG_MIG"))
        assert self.look_again(world) == 1
        (draft,) = world.referrals(case)
        assert (draft.status, draft.turn, draft.waiting) == (Status.DRAFT, Party.FOCAL_POINT, False)
        assert world.rows("SELECT * FROM referral.gap WHERE closed_at IS NULL") == []
        assert world.step(draft, "confirm", FOCAL).status is Status.REQUESTED
        assert self.look_again(world) == 0

    def test_a_gap_that_stays_says_todays_reason(self, world):
        self.a_gap(world)
        full = [{"id": new_id(), "available": 0, "updated": "2026-03-02T08:00:00-05:00"}]
        world.directory(a_service("Lleno", "LEG_MIG", capacities=full))
        assert self.look_again(world) == 1
        (gap,) = world.rows("SELECT reason FROM referral.gap WHERE closed_at IS NULL")
        assert gap["reason"] == "no_capacity"

    def test_other_services_do_not_wake_a_gap(self, world):
        self.a_gap(world)
        world.directory(a_service("Comida", "FOOD"))
        with world.engine.begin() as conn:
            assert not any_marked(conn)

    def test_without_consent_the_gap_closes_and_nobody_is_asked(self, world):
        case = self.a_gap(world)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case))], now=world.now)
        world.directory(a_service("Nuevo", "LEG_MIG"))
        self.look_again(world)
        assert world.referrals(case) == []
        assert world.rows("SELECT * FROM referral.gap WHERE closed_at IS NULL") == []

    def test_who_said_no_is_not_asked_again(self, world):
        world.directory(a_service("Uno", "LEG_MIG"))
        world.route(an_assessment("LEG.REG"))
        world.step(world.referrals()[0], "reject", reason="NO_CAPACITY")
        world.later(days=1)
        world.directory(a_service("Uno", "LEG_MIG", minimum_age=1), a_service("Dos", "LEG_MIG"))
        self.look_again(world)
        second = max(world.referrals(), key=lambda one: one.attempt)
        assert second.attempt == 2
        assert second.organization_id != world.referrals()[0].organization_id
