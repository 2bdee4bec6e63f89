"""Answers are matched to what was asked, and become an outcome, a silence or a call."""

from datetime import timedelta

import pytest

from tests.integration.notifications.conftest import PHONE, a_referral, accepted, completed


class TestOutcomes:
    def test_one_means_solved_and_is_told(self, service, asked):
        service.answers("1")
        (told,) = service.told("outcome.reported.v1")
        assert told["data"] == {
            "outcome_id": told["data"]["outcome_id"],
            "referral_id": asked.referral_id,
            "assessment_id": asked.assessment_id,
            "person_id": asked.person_id,
            "outcome": "NEED_MET",
            "source": "person",
            "follow_up": "F-ANY-04",
        }
        assert told["correlation_id"] == "c0ffee"
        assert service.calls() == []

    @pytest.mark.parametrize(
        ("said", "outcome"), [("1", "SATISFIED"), ("2", "PARTLY_SATISFIED"), ("3", "DISSATISFIED")]
    )
    def test_whether_the_person_was_content_is_told_too(self, service, asked, said, outcome):
        service.answers("1")
        service.later(days=5)
        service.asks()
        service.sends()
        assert service.phones.texts_to(PHONE)[-1].startswith("Hola. Como fue la atencion?")
        service.answers(said)
        assert service.told("outcome.reported.v1")[-1]["data"]["outcome"] == outcome

    @pytest.mark.parametrize(
        ("said", "reason"), [("2", "answered_no"), ("No.", "answered_no"), ("LLAMAR", "asked_for_call")]
    )
    def test_no_and_call_me_open_a_call(self, service, asked, said, reason):
        service.answers(said)
        assert service.calls() == [reason]
        assert service.told("outcome.reported.v1") == []
        (told,) = service.told("call.requested.v1")
        assert told["data"]["focal_point_id"] == asked.focal_point_id

    def test_the_same_answer_twice_counts_once(self, service, asked):
        service.answers("1")
        service.answers("SI")
        assert len(service.told("outcome.reported.v1")) == 1
        assert service.calls() == []

    def test_a_check_that_was_asked_twice_is_answered_once(self, service, asked):
        service.later(days=2, minutes=1)
        service.asks()
        service.sends()
        assert [text for text in service.phones.texts_to(PHONE) if "gestion pendiente" in text][1:]
        for _ in range(2):
            service.answers("si")
        assert len(service.told("outcome.reported.v1")) == 1
        service.answers("no")
        assert len(service.told("outcome.reported.v1")) == 1
        assert service.calls() == ["changed_answer"]

    def test_the_same_message_delivered_twice_counts_once(self, service, asked):
        service.answers("2", external_id="a")
        service.answers("2", external_id="a")
        assert len(service.rows("SELECT 1 FROM notifications.inbound")) == 1

    def test_a_changed_answer_goes_to_a_human_and_the_first_stays(self, service, asked):
        service.answers("1")
        service.answers("2")
        assert service.calls() == ["changed_answer"]
        assert len(service.told("outcome.reported.v1")) == 1

    def test_an_answer_ends_the_check(self, service, asked):
        service.answers("1")
        service.later(days=3)
        service.asks()
        states = service.rows("SELECT state FROM notifications.follow_up WHERE check_id = 'F-ANY-04'")
        assert states == [{"state": "answered"}]


class TestSilence:
    @pytest.mark.parametrize("said", ["BAJA", "stop", "No más"])
    def test_stop_stops_everything_and_is_told(self, service, asked, said):
        service.answers(said)
        (told,) = service.told("contact.opted_out.v1")
        assert told["data"]["person_id"] == asked.person_id
        service.hears(a_referral(organization_id=None, person_id=asked.person_id))
        before = len(service.phones.got)
        service.sends()
        assert len(service.phones.got) == before
        assert service.calls() == ["opted_out"]

    def test_a_danger_word_opens_an_emergency_call_in_silence(self, service, asked):
        before = len(service.phones.got)
        service.answers("AUXILIO")
        assert service.calls() == ["danger_word"]
        (told,) = service.told("call.requested.v1")
        assert told["priority"] == 0
        assert len(service.phones.got) == before
        assert service.told("contact.opted_out.v1") == []

    def test_what_is_not_understood_stops_automation_and_asks_a_human(self, service, asked):
        service.answers("quien es usted")
        assert service.calls() == ["unexpected_reply"]
        service.later(days=30)
        service.asks()
        before = len(service.phones.got)
        service.sends()
        assert len(service.phones.got) == before

    def test_an_appointment_can_be_asked_to_change(self, service):
        fact = a_referral(organization_id=None)
        service.hears(fact)
        service.hears(accepted(fact, appointment_at=(service.now + timedelta(days=2)).isoformat()))
        service.sends()
        service.answers("Cambiar, gracias")
        assert service.calls() == ["change_appointment"]


class TestWhoseAnswer:
    def test_a_number_we_never_wrote_to_changes_nothing(self, service, asked):
        service.answers("1", phone="+573000000000")
        assert service.told("outcome.reported.v1") == []
        assert service.calls() == []
        assert service.rows("SELECT kind, delivery_id FROM notifications.inbound") == [
            {"kind": "unexpected", "delivery_id": None}
        ]

    def test_an_answer_from_a_shared_phone_with_two_open_questions_counts_for_nobody(self, service, asked):
        other = a_referral(organization_id=None)
        service.hears(other)
        service.hears(completed(other))
        service.later(days=2, minutes=1)
        service.asks()
        service.sends()
        service.answers("1")
        assert service.told("outcome.reported.v1") == []
        assert service.calls() == ["ambiguous_reply", "ambiguous_reply"]

    def test_stop_on_a_shared_phone_counts_for_everybody(self, service, asked):
        other = a_referral(organization_id=None)
        service.hears(other)
        service.sends()
        service.answers("BAJA")
        silenced = {told["data"]["person_id"] for told in service.told("contact.opted_out.v1")}
        assert silenced == {asked.person_id, other.person_id}

    def test_a_question_keeps_its_answer_when_something_else_was_said_in_between(self, service, asked):
        again = a_referral(organization_id=None, person_id=asked.person_id)
        service.hears(again)
        service.sends()
        service.answers("1")
        assert [told["data"]["referral_id"] for told in service.told("outcome.reported.v1")] == [
            asked.referral_id
        ]

    def test_an_answer_after_weeks_is_not_taken_for_one(self, service, asked):
        service.later(days=40)
        service.answers("1")
        assert service.told("outcome.reported.v1") == []
        assert service.calls() == ["unexpected_reply"]

    def test_the_sign_before_the_number_does_not_matter(self, service, asked):
        service.answers("1", phone=PHONE.removeprefix("+"))
        assert len(service.told("outcome.reported.v1")) == 1


class TestWhatIsKept:
    def test_the_text_is_sealed_and_erased_after_ninety_days(self, service, asked):
        service.answers("mi vecino me vio ayer")
        assert "vecino" not in str(service.rows("SELECT * FROM notifications.inbound"))
        (row,) = service.rows("SELECT id::text, sealed_text FROM notifications.inbound")
        assert service.seals.open(row["id"], bytes(row["sealed_text"])) == "mi vecino me vio ayer"
        service.later(days=91)
        service.forgets()
        assert service.rows("SELECT sealed_text FROM notifications.inbound") == [{"sealed_text": None}]

    def test_a_text_that_does_not_open_goes_to_a_human(self, service, asked):
        service.answers_with_broken_seal()
        assert service.calls() == ["unexpected_reply"]
