"""How it went is asked when the rules say, by template or by a call, and never of somebody who may not be asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.notifications.store import calls
from shared.events.notifications import CallClosed
from shared.ids import new_id
from tests.integration.notifications.conftest import PHONE, a_referral, accepted, completed


class TestFollowUps:
    def test_a_question_without_answer_is_asked_three_times_then_a_human_calls(self, service, asked):
        for _ in range(4):
            service.later(days=2, minutes=1)
            service.asks()
            service.sends()
        texts = [text for text in service.phones.texts_to(PHONE) if "gestion pendiente" in text]
        assert len(texts) == 3
        assert service.calls() == ["no_answer"]

    def test_a_check_by_voice_opens_a_call_and_sends_nothing(self, service):
        fact = a_referral(organization_id=None, priority=0)
        service.hears(fact)
        service.sends()
        service.hears(accepted(fact))
        before = len(service.phones.got)
        service.later(hours=2, minutes=1)
        service.asks()
        service.sends()
        assert service.calls() == ["follow_up"]
        assert len(service.phones.got) == before

    def test_a_case_with_several_referrals_is_asked_after_in_one_call(self, service):
        child = a_referral(organization_id=None, priority=1)
        others = [replace(child, referral_id=new_id()) for _ in range(2)]
        for fact in (child, *others):
            service.hears(accepted(fact, need="CP.NEGL", seq=1))
        service.later(hours=84, minutes=1)
        assert service.asks() == 3
        assert service.calls() == ["follow_up"]
        service.later(hours=84)
        service.asks()
        assert service.calls() == ["follow_up"]  # nobody has called yet
        (open_one,) = service.rows("SELECT id::text FROM notifications.call")
        with service.engine.begin() as conn:
            calls.close(conn, open_one["id"], by=new_id(), result="reached", now=service.now)
        service.later(hours=84)
        service.asks()
        assert service.calls() == ["follow_up", "follow_up"]

    def test_a_call_that_the_focal_point_ticked_off_holds_up_no_later_one(self, service):
        service.hears(accepted(a_referral(organization_id=None, priority=1), need="CP.NEGL", seq=1))
        for number in (1, 2):
            service.later(hours=84, minutes=1)
            service.asks()
            assert service.calls() == ["follow_up"] * number
            asked = service.told("call.requested.v1")[-1]["data"]
            done = {"call_id": asked["call_id"], "assessment_id": asked["assessment_id"], "result": "done"}
            service.hears(CallClosed(seq=CallClosed.IN_INTAKE, **done))
        assert {row["result"] for row in service.rows("SELECT result FROM notifications.call")} == {"done"}

    def test_a_call_that_is_due_earlier_does_not_wait_for_one_that_is_due_later(self, service):
        fact = a_referral(organization_id=None, priority=2)
        service.hears(accepted(fact, need="CP.NEGL", seq=1))
        service.later(hours=168, minutes=1)
        service.asks()
        assert service.calls() == ["follow_up"]
        service.hears(accepted(replace(fact, referral_id=new_id(), priority=0), need="CP.NEGL", seq=1))
        service.later(hours=2, minutes=1)
        service.asks()
        assert service.calls() == ["follow_up", "follow_up"]

    def test_a_restricted_need_is_followed_by_calls_only(self, service):
        fact = a_referral(organization_id=None, service_type=None, sensitivity="S3")
        service.hears(fact)
        said = {
            "id": "F-GBV-01",
            "after_hours": 36,
            "mode": "auto",
            "template": "S4",
            "outcome_if_yes": "NEED_MET",
        }
        service.hears(accepted(fact, checks=[said]))
        (planned,) = service.rows("SELECT * FROM notifications.follow_up")
        assert (planned["check_id"], planned["mode"]) == ("call-accepted-36h", "call")
        assert (planned["template_id"], planned["outcome_if_yes"]) == (None, None)

    @pytest.mark.parametrize("kind", [accepted, completed])
    def test_a_fact_of_a_release_before_is_followed_by_one_call(self, service, kind):
        fact = a_referral(organization_id=None)
        service.hears(kind(fact, seq=1, checks=None))
        service.later(days=3, minutes=1)
        service.asks()
        service.sends()
        assert service.calls() == ["follow_up"]
        service.later(days=30)
        assert service.asks() == 0

    def test_a_referral_whose_rules_ask_for_nothing_is_left_alone(self, service):
        service.hears(accepted(a_referral(organization_id=None), seq=1, checks=[]))
        assert service.rows("SELECT 1 FROM notifications.follow_up") == []

    def test_a_question_nobody_may_send_ends_the_check_with_one_call(self, service):
        service.book.default = None
        fact = a_referral(organization_id=None)
        service.hears(accepted(fact, seq=1))
        for _ in range(4):
            service.later(days=3)
            service.asks()
            service.sends()
        assert service.calls().count("no_safe_contact") == 1
        assert "no_answer" not in service.calls()

    def test_days_can_be_shorter_in_a_demo(self, service):
        service.day = timedelta(minutes=1)
        fact = a_referral(organization_id=None)
        service.hears(completed(fact, seq=1))
        service.later(minutes=2, seconds=1)
        assert service.asks() == 1

    def test_a_fact_delivered_twice_plans_once(self, service):
        fact = a_referral(organization_id=None)
        service.hears(accepted(fact, seq=1))
        service.hears(accepted(fact, seq=2))
        planned = service.rows("SELECT check_id FROM notifications.follow_up ORDER BY check_id")
        assert [row["check_id"] for row in planned] == ["F-BAS-01", "F-BAS-02"]

    def test_an_opted_out_person_is_not_asked(self, service, asked):
        service.answers("BAJA")
        service.later(days=10)
        assert service.asks() == 0


class TestLivelihoods:
    def test_three_months_after_the_help_a_job_or_income_is_asked_for(self, service):
        fact = a_referral(organization_id=None, service_type="LV_JOB")
        service.hears(completed(fact, need="LIV.JOB", seq=1))
        service.later(days=90, minutes=1)
        for _ in range(3):
            service.asks()
            service.sends()
            service.later(days=1)
        assert any("Tiene ahora un trabajo o ingreso" in text for text in service.phones.texts_to(PHONE))

    @pytest.mark.parametrize(("said", "outcome"), [("1", "INCOME_UP"), ("2", "INCOME_NONE")])
    def test_what_is_answered_then_is_the_outcome_of_the_row(self, service, said, outcome):
        service.hears(completed(a_referral(organization_id=None), need="LIV.JOB", seq=1))
        only = "UPDATE notifications.follow_up SET state = 'cancelled' WHERE check_id <> 'F-LIV-01'"
        with service.stack.engine("admin").begin() as conn:
            conn.execute(text(only))
        service.later(days=90, minutes=1)
        service.asks()
        service.sends()
        service.answers(said)
        (told,) = service.told("outcome.reported.v1")
        assert (told["data"]["outcome"], told["data"]["follow_up"]) == (outcome, "F-LIV-01")
