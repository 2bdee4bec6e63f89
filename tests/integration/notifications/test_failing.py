"""What happens when the gateway, the phone or a worker fails, and when reports come late, twice or in any order."""

import threading

import pytest

from services.notifications.channels.base import Receipt
from services.notifications.domain.delivery import LEASE, TAKEN
from services.notifications.store import answers
from shared.ids import new_id
from tests.integration.notifications.conftest import (
    AWAY,
    NO_ANSWER,
    PERMANENT,
    PHONE,
    STAFF_PHONE,
    TEMPORARY,
    a_referral,
)


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
        service.later(seconds=TAKEN.total_seconds() + 1)
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
                answers.keep_reports(conn, [(delivery, code)], now=service.now)
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
            answers.keep_reports(conn, [(new_id(), 1)], now=service.now)
        assert service.settles() == 1
        assert service.settles() == 0
