"""From facts to texts: who is told what, when, and what happens when the channel or a worker fails."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifications.channels.base import Receipt
from services.notifications.domain.delivery import LEASE
from services.notifications.domain.gates import Limits
from services.notifications.store import answers
from shared.events.intake import ConsentWithdrawn
from shared.events.referral import GapRecorded, ReferralCancelled, ReferralClockMissed, ReferralRejected
from shared.ids import new_id
from tests.integration.notifications.conftest import (
    AWAY,
    NO_ANSWER,
    PERMANENT,
    PHONE,
    STAFF_PHONE,
    TEMPORARY,
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


class TestFailures:
    def test_the_attempt_is_on_record_before_the_gateway_is_called(self, service):
        seen = []
        service.phones.during = lambda: seen.extend(
            service.rows("SELECT n.status, d.ended FROM notifications.delivery d JOIN notifications.notification n"
                         " ON n.id = d.notification_id")
        )  # fmt: skip
        service.hears(a_referral(organization_id=None))
        service.sends()
        assert seen == [{"status": "sending", "ended": None}]

    def test_no_answer_means_a_person_is_not_written_to_again_and_staff_are(self, service):
        service.phones.answer = NO_ANSWER
        service.hears(a_referral())
        service.sends()
        assert service.statuses() == [("unknown", "unknown")]
        assert service.calls() == ["message_unknown"]
        service.phones.answer = Receipt()
        service.later(hours=2)
        service.sends()
        assert len(service.phones.texts_to(PHONE)) == 1
        assert len(service.phones.texts_to(STAFF_PHONE)) == 2
        assert service.statuses("organization") == [("sent", None)]

    def test_not_now_is_tried_three_times_then_a_human_takes_over(self, service):
        service.phones.answer = TEMPORARY
        service.hears(a_referral(organization_id=None))
        for _ in range(5):
            service.sends()
            service.later(minutes=30)
        assert len(service.phones.got) == 3
        assert service.statuses() == [("failed", "temporary")]
        assert service.calls() == ["message_failed"]

    def test_never_is_a_task_at_once_and_gives_the_days_place_back(self, service):
        service.phones.answer = PERMANENT
        service.hears(a_referral(organization_id=None))
        service.sends()
        assert service.statuses() == [("failed", "permanent")]
        assert service.rows("SELECT 1 FROM notifications.contact_slot") == []

    def test_a_gateway_that_is_away_costs_no_attempt(self, service):
        service.phones.answer = AWAY
        service.hears(a_referral(organization_id=None))
        for _ in range(6):
            service.sends()
            service.later(minutes=1)
        service.phones.answer = Receipt()
        service.sends()
        assert service.statuses() == [("sent", None)]
        assert service.rows("SELECT attempts FROM notifications.notification") == [{"attempts": 1}]

    def test_a_worker_that_dies_after_the_call_leaves_a_person_in_doubt_and_staff_to_be_told_again(
        self, service
    ):
        def die():
            raise RuntimeError("killed")

        service.phones.during = die
        service.hears(a_referral())
        with pytest.raises(RuntimeError):
            service.sends()
        service.phones.during = None
        assert service.settles() == 0
        service.later(seconds=LEASE.total_seconds() + 1)
        assert service.settles() == 2
        assert service.statuses() == [("unknown", "unknown")]
        service.later(minutes=2)
        service.sends()
        assert len(service.phones.texts_to(PHONE)) == 1
        assert len(service.phones.texts_to(STAFF_PHONE)) == 2

    def test_a_worker_that_dies_before_the_attempt_is_written_leaves_its_batch_to_others(
        self, service, monkeypatch
    ):
        def die(_):
            raise RuntimeError("killed")

        service.hears(a_referral(organization_id=None))
        ask, service.book.persons = service.book.persons, die
        with pytest.raises(RuntimeError):
            service.sends()
        service.book.persons = ask
        assert service.sends() == 0
        service.later(seconds=LEASE.total_seconds() + 1)
        assert service.sends() == 1

    def test_two_workers_share_a_backlog_and_nothing_is_sent_twice(self, service):
        service.hears(*[a_referral() for _ in range(60)])
        workers = [threading.Thread(target=service.sends, kwargs={"batch": 7}) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(service.phones.got) == 120
        assert len({message.delivery_id for message in service.phones.got}) == 120
        assert set(service.statuses() + service.statuses("organization")) == {("sent", None)}

    def test_emergencies_go_first(self, service):
        service.hears(*[a_referral(organization_id=None, priority=3) for _ in range(3)])
        urgent = a_referral(organization_id=None, priority=0)
        service.hears(urgent)
        service.sends(batch=1)
        first = service.phones.got[0].delivery_id
        (row,) = service.rows(
            "SELECT n.person_id::text FROM notifications.delivery d JOIN notifications.notification n"
            " ON n.id = d.notification_id WHERE d.id = :id", id=first
        )  # fmt: skip
        assert row["person_id"] == urgent.person_id


class TestReports:
    def report(self, service, *codes):
        delivery = service.phones.got[-1].delivery_id
        for code in codes:
            with service.engine.begin() as conn:
                answers.keep_report(conn, delivery_id=delivery, code=code, now=service.now)
        service.settles()

    def test_delivered_is_final_whatever_comes_later_or_twice(self, service):
        service.hears(a_referral(organization_id=None))
        service.sends()
        self.report(service, 8, 1, 1)
        self.report(service, 2, 16)
        assert service.statuses() == [("delivered", None)]
        assert [row["data"]["status"] for row in service.told("notification.updated.v1")] == [
            "sent",
            "delivered",
        ]

    def test_not_delivered_is_a_task_for_a_human(self, service):
        service.hears(a_referral(organization_id=None))
        service.sends()
        self.report(service, 2)
        assert service.statuses() == [("failed", "report")]
        assert service.calls() == ["message_failed"]

    def test_a_report_settles_what_was_in_doubt(self, service):
        service.phones.answer = NO_ANSWER
        service.hears(a_referral(organization_id=None))
        service.sends()
        self.report(service, 1)
        assert service.statuses() == [("delivered", None)]

    def test_a_report_that_overtakes_its_receipt_is_not_overruled(self, service):
        service.hears(a_referral(organization_id=None))
        service.phones.during = lambda: self.report(service, 1)
        service.sends()
        assert service.statuses() == [("delivered", None)]

    def test_a_report_about_nothing_we_know_is_let_by(self, service):
        with service.engine.begin() as conn:
            answers.keep_report(conn, delivery_id=new_id(), code=1, now=service.now)
        assert service.settles() == 1
        assert service.settles() == 0


class TestNothingPersonalIsKept:
    def test_no_number_and_no_text_lies_in_any_table_or_fact(self, service):
        service.hears(a_referral())
        service.sends()
        tables = service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'notifications'")
        stored = [str(service.rows(f'SELECT * FROM notifications."{row["tablename"]}"')) for row in tables]
        stored.append(str(service.rows("SELECT data FROM bus.event")))
        for secret in (PHONE[1:], STAFF_PHONE[1:], "Recibimos su solicitud"):
            assert not any(secret in rows for rows in stored)
