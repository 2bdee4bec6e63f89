"""Delivery reports: durable before the gateway is answered, many in one statement, and patient with the database."""

import threading

import pytest
from sqlalchemy import text

from services.notifications.operations.reporting import Report, make_reports
from shared.clock import utc_now
from shared.database import make_engine
from shared.ids import new_id
from tests.integration.notifications.conftest import GATEWAY_SECRET

KEPT = "SELECT delivery_id::text AS id, code FROM notifications.report ORDER BY delivery_id, code"
OURS = "application_name = 'a test of reports'"


@pytest.fixture
def reports(service):
    engine = make_engine(service.stack.database_url("notifications"), application="a test of reports")
    yield make_reports(engine, utc_now)
    engine.dispose()
    with service.stack.engine("admin").begin() as conn:
        conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}"))


def kept(service):
    return [(row["id"], row["code"]) for row in service.rows(KEPT)]


def test_reports_that_come_together_are_all_kept(service, reports):
    wanted = [Report(new_id(), code) for code in (1, 2, 16) for _ in range(20)]
    threads = [threading.Thread(target=reports.do, args=(one,)) for one in [*wanted, *wanted[:10]]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert kept(service) == sorted((one.delivery_id, one.code) for one in wanted)


def test_a_connection_that_was_broken_meanwhile_is_replaced_without_an_error(service, reports):
    first, second = Report(new_id(), 1), Report(new_id(), 1)
    reports.do(first)
    with service.stack.engine("admin").begin() as conn:
        conn.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {OURS}"))
    reports.do(second)
    assert kept(service) == sorted([(first.delivery_id, 1), (second.delivery_id, 1)])


def test_it_needs_one_connection_however_many_come(service, reports):
    for _ in range(5):
        reports.do(Report(new_id(), 1))
    assert len(service.rows(f"SELECT 1 FROM pg_stat_activity WHERE {OURS}")) == 1


def test_while_the_database_refuses_the_gateway_is_told_to_come_again(app, service):
    delivery = new_id()
    url = f"/notifications/api/v1/kannel/{GATEWAY_SECRET}/reports/{delivery}?code=1"
    admin = service.stack.engine("admin")
    with admin.begin() as conn:
        conn.execute(text("ALTER ROLE ruta_notifications NOLOGIN"))
    try:
        answer = app.test_client().get(url)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    finally:
        with admin.begin() as conn:
            conn.execute(text("ALTER ROLE ruta_notifications LOGIN"))
    assert app.test_client().get(url).status_code == 200
    assert kept(service) == [(delivery, 1)]


@pytest.mark.parametrize("code", ["+1", "01", "1"])
def test_a_code_is_understood_however_it_is_written(app, service, code):
    url = f"/notifications/api/v1/kannel/{GATEWAY_SECRET}/reports/{new_id()}"
    assert app.test_client().get(url, query_string={"code": code}).status_code == 200
    assert [found for _, found in kept(service)] == [1]
