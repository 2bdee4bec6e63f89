"""From facts to texts: who is told what, when, and what happens when the channel or a worker fails."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifications.domain.gates import Limits
from shared.events.intake import ConsentWithdrawn
from shared.events.referral import GapRecorded, ReferralCancelled, ReferralClockMissed, ReferralRejected
from shared.ids import new_id
from tests.integration.notifications.conftest import (
    PHONE,
    STAFF_PHONE,
    TUESDAY_10,
    a_referral,
    accepted,
    same,
)


class TestWhoIsTold:
    def test_a_request_tells_staff_and_once_per_assessment_the_person(self, service):
        one = a_referral()
        other = a_referral(assessment_id=one.assessment_id, person_id=one.person_id)
        service.hears(one, other)
        service.sends()
        assert len(service.phones.texts_to(STAFF_PHONE)) == 2
        (text,) = service.phones.texts_to(PHONE)
        assert text.startswith("Hola. Recibimos su solicitud ")
        assert text.endswith("Le contactaremos antes del 27/11. Responda BAJA para no recibir mensajes.")

    def test_staff_learn_the_deadline_and_nothing_about_the_person(self, service):
        service.hears(a_referral())
        service.sends()
        assert service.phones.texts_to(STAFF_PHONE) == [
            "Tiene 1 caso nuevo por revisar. Plazo: 25/11 10:00. Ingrese a la plataforma con su usuario."
        ]

    def test_an_appointment_is_told_in_the_persons_language_and_time(self, service):
        service.book.default = replace(service.book.default, language="en", timezone="America/Caracas")
        fact = a_referral()
        service.hears(fact, accepted(fact, appointment_at="2026-11-26T14:30:00+00:00"))
        service.hears()
        service.sends()
        assert (
            "Hello. This is a reminder of your appointment on 26/11 at 10:30. To change it reply CHANGE."
            " To get no more messages reply STOP."
        ) in service.phones.texts_to(PHONE)

    def test_facts_about_what_was_sent_are_told_with_the_correlation_of_the_request(self, service):
        fact = a_referral()
        service.hears(fact)
        service.sends()
        told = service.told("notification.updated.v1")
        assert {(row["data"]["audience"], row["data"]["status"]) for row in told} == {
            ("person", "sent"),
            ("organization", "sent"),
        }
        assert {row["correlation_id"] for row in told} == {"c0ffee"}
        assert PHONE not in str(told)

    def test_a_gap_a_rejection_and_a_missed_clock_become_tasks_for_the_focal_point(self, service):
        fact = a_referral()
        gap = GapRecorded(
            seq=1, gap_id=new_id(), assessment_id=new_id(), person_id=new_id(), need_id=new_id(), country="CO",
            locality="CO-CUCUTA", service_type="FOOD", reason="no_service", focal_point_id=new_id(),
        )  # fmt: skip
        service.hears(gap, fact)
        service.hears(same(fact, ReferralClockMissed, clock="acknowledge", escalate_to="focal_point"))
        service.hears(
            same(fact, ReferralRejected, seq=3, status="rejected", turn="focal_point", reason="NO_CAPACITY")
        )
        assert service.calls() == ["gap", "clock_missed", "choose_provider"]
        assert len(service.told("call.requested.v1")) == 3


class TestGates:
    def test_outside_safe_hours_it_waits_and_says_until_when(self, service):
        service.now = TUESDAY_10 - timedelta(hours=4)
        service.hears(a_referral(organization_id=None))
        service.sends()
        assert service.phones.got == []
        assert service.statuses() == [("held", "safe_hours")]
        service.later(hours=3)
        service.sends()
        assert service.statuses() == [("sent", None)]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"contact_allowed": False, "phone": None, "reason": "no_consent"}, "no_contact_consent"),
            ({"channel": "whatsapp"}, "no_automatic_channel"),
            ({"age_band": "12-17"}, "under_18"),
        ],
    )
    def test_what_no_machine_may_say_becomes_a_task_never_silence(self, service, changes, reason):
        service.book.default = replace(service.book.default, **changes)
        service.hears(a_referral(organization_id=None))
        service.sends()
        assert service.phones.got == []
        assert service.statuses() == [("refused", reason)]
        assert service.calls() == [reason]

    def test_a_person_without_safe_contact_becomes_a_task(self, service):
        service.book.default = None
        service.hears(a_referral(organization_id=None))
        service.sends()
        assert service.calls() == ["no_safe_contact"]

    @pytest.mark.parametrize(
        "fact", [{"sensitivity": "S3"}, {"service_type": None}, {"sensitivity": "S3", "service_type": None}]
    )
    def test_a_restricted_need_is_left_to_a_human(self, service, fact):
        service.hears(a_referral(organization_id=None, **fact))
        service.sends()
        assert service.phones.got == []
        assert service.calls() == ["sensitive"]

    def test_with_permission_only_the_neutral_template_goes_out(self, service):
        service.book.default = replace(service.book.default, sensitive_ok=True, neutral_name="Carmen")
        service.hears(a_referral(organization_id=None, sensitivity="S3", service_type=None))
        service.sends()
        (text,) = service.phones.texts_to(PHONE)
        assert text.startswith("Hola, habla Carmen. Cuando pueda hablar con tranquilidad, responda 1.")

    def test_one_restricted_need_silences_messages_about_all_others(self, service):
        restricted = a_referral(organization_id=None, sensitivity="S3", service_type=None)
        other = a_referral(organization_id=None, person_id=restricted.person_id)
        service.hears(restricted, other)
        service.sends()
        assert service.phones.got == []

    def test_the_daily_limit_holds_between_batches_and_between_workers(self, service):
        service.limits = Limits(per_day=1, per_week=3)
        person = new_id()
        service.hears(*[a_referral(organization_id=None, person_id=person) for _ in range(4)])
        workers = [threading.Thread(target=service.sends, kwargs={"batch": 1}) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        service.later(seconds=10)
        service.sends()
        assert len(service.phones.got) == 1
        assert sorted(service.statuses()) == [("held", "rate_limit")] * 3 + [("sent", None)]

    def test_when_intake_is_away_it_waits_and_guesses_nothing(self, service):
        service.book.away = True
        service.hears(a_referral())
        assert service.sends() == 0
        assert service.phones.got == []
        service.book.away = False
        service.later(seconds=11)
        assert service.sends() == 2

    def test_withdrawn_consent_takes_back_what_waits(self, service):
        fact = a_referral(organization_id=None)
        service.hears(fact)
        service.hears(ConsentWithdrawn(seq=1, person_id=fact.person_id, scope="contact", assessment_ids=[]))
        service.sends()
        assert service.phones.got == []
        assert service.statuses() == [("cancelled", "consent_withdrawn")]

    def test_an_ended_referral_takes_back_its_appointment(self, service):
        fact = a_referral()
        service.hears(fact)
        service.hears(accepted(fact, appointment_at="2026-11-26T14:30:00+00:00"))
        service.hears(same(fact, ReferralCancelled, seq=3, status="cancelled", turn="none"))
        service.sends()
        assert not any("cita" in text for text in service.phones.texts_to(PHONE))

    def test_what_is_cancelled_while_contacts_are_asked_is_not_sent(self, service):
        fact = a_referral(organization_id=None)
        service.hears(fact)
        ask = service.book.persons

        def withdraw_meanwhile(person_ids):
            service.hears(ConsentWithdrawn(seq=1, person_id=fact.person_id, scope="all", assessment_ids=[]))
            return ask(person_ids)

        service.book.persons = withdraw_meanwhile
        service.sends()
        assert service.phones.got == []
        assert service.rows("SELECT 1 FROM notifications.contact_slot") == []


class TestNothingPersonalIsKept:
    def test_no_number_and_no_text_lies_in_any_table_or_fact(self, service):
        service.hears(a_referral())
        service.sends()
        tables = service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'notifications'")
        stored = [str(service.rows(f'SELECT * FROM notifications."{row["tablename"]}"')) for row in tables]
        stored.append(str(service.rows("SELECT data FROM bus.event")))
        for secret in (PHONE[1:], STAFF_PHONE[1:], "Recibimos su solicitud"):
            assert not any(secret in rows for rows in stored)
