"""What is known of a phone is written down although the database breaks, and nobody waits in a ring for it."""

import threading
import time

from sqlalchemy import text

from services.notifications.operations import sending
from services.notifications.operations.settling import settle as really_settle
from tests.integration.notifications.conftest import a_referral


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
