"""What is known of a phone is written down although the database breaks, and nobody waits in a ring for it."""

import threading
import time

from sqlalchemy import text

from services.notifications.domain.notification import Status
from services.notifications.operations import facts, sending
from services.notifications.operations.settling import settle as really_settle
from services.notifications.store import answers, outbox
from shared.ids import new_id
from tests.integration.notifications.conftest import RECEIPT, TEMPORARY, a_referral


def test_a_receipt_survives_a_connection_that_breaks_while_it_is_written(service, monkeypatch):
    broken: list[bool] = []

    def settle(conn, ended, *, now):
        really_settle(conn, ended, now=now)
        if not broken:
            broken.append(True)
            conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(sending, "settle", settle)
    service.hears(a_referral(organization_id=None))
    service.sends()
    assert broken
    assert service.statuses() == [("sent", None)]
    assert service.calls() == []
    assert len(service.phones.got) == 1


def test_a_receipt_and_a_report_of_the_same_message_do_not_wait_for_each_other(service):
    """Reports lock the notification, then the attempt; so do receipts."""
    service.hears(a_referral(organization_id=None))
    recording = []

    def while_the_gateway_has_it():
        reporter = service.engine.connect()
        reporter.execute(text("SELECT id FROM notifications.notification FOR UPDATE"))
        recording.append(threading.Thread(target=finish, args=(reporter,)))
        recording[0].start()

    def finish(reporter):
        until = time.monotonic() + 20
        while not blocked(service) and time.monotonic() < until:
            time.sleep(0.02)
        reporter.execute(text("UPDATE notifications.delivery SET report = 'delivered'"))
        reporter.commit()
        reporter.close()

    service.phones.during = while_the_gateway_has_it
    service.sends()
    recording[0].join()
    assert service.statuses() == [("sent", None)]
    assert service.rows("SELECT report, ended FROM notifications.delivery") == [
        {"report": "delivered", "ended": "accepted"}
    ]


def blocked(service):
    query = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'ruta'"
    return service.rows(query)[0]["n"] > 0


def test_what_another_worker_holds_or_nobody_is_not_concluded(service):
    """The end of an attempt counts only while its worker still holds the message."""
    service.hears(a_referral(organization_id=None))
    (row,) = service.rows("SELECT id::text FROM notifications.notification")
    change = facts.moving(row["id"], Status.SENT, token=new_id()) | {"from_status": ["queued"]}
    for held_by in (None, new_id()):
        with service.stack.engine("admin").begin() as conn:
            conn.execute(text("UPDATE notifications.notification SET token = :token"), {"token": held_by})
            assert outbox.conclude(conn, [change], now=service.now) == []
    with service.engine.begin() as conn:
        conn.execute(text("UPDATE notifications.notification SET token = :token"), {"token": change["token"]})
        assert len(outbox.conclude(conn, [change], now=service.now)) == 1


def test_of_several_reports_the_newest_attempt_decides_unless_an_older_one_arrived(service):
    service.hears(a_referral())
    service.phones.answer = TEMPORARY
    service.sends()
    service.later(minutes=2)
    service.phones.answer = RECEIPT
    service.sends()
    deliveries = service.rows(
        "SELECT id::text, notification_id::text AS about, attempt FROM notifications.delivery"
    )
    first, last = (
        {row["about"]: row["id"] for row in deliveries if row["attempt"] == attempt} for attempt in (1, 2)
    )
    one, other = sorted(first)
    reports = [(first[one], 2), (last[one], 4), (first[other], 1), (last[other], 2), (new_id(), 1)]
    with service.engine.begin() as conn:
        answers.keep_reports(conn, reports, now=service.now)
    assert service.settles() == len(reports)
    found = service.rows("SELECT id::text, status, version FROM notifications.notification")
    assert {row["id"]: row["status"] for row in found} == {one: "sent", other: "delivered"}
    assert {row["version"] for row in found} == {1, 2}
    assert service.settles() == 0
