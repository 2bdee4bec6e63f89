"""What the functions read does not grow with the tables, also when they were planned while nothing was there yet."""

import json

import pytest
from sqlalchemy import text

from shared.ids import new_id

OLD, NOW = 20_000, 100
FILL = """
    WITH made AS (
        INSERT INTO notifications.notification (id, dedupe_key, audience, template_id, variables, sensitivity, priority,
            status, due_at, created_at, updated_at, attempts)
        SELECT gen_random_uuid(), 'x/' || :status || n, 'person', 'S2', '{}', 'S1', 2, :status, now(), now(), now(), 1
        FROM generate_series(1, :number) AS n RETURNING id
    ), tried AS (
        INSERT INTO notifications.delivery (id, notification_id, attempt, channel, started_at)
        SELECT gen_random_uuid(), id, 1, 'phones', now() FROM made RETURNING id
    )
    INSERT INTO notifications.report (delivery_id, code, received_at, settled_at)
    SELECT id, 1, now(), CASE WHEN :settled THEN now() END FROM tried
"""
TAKE = "SELECT * FROM notifications.take(gen_random_uuid(), now(), now(), 100)"
REPORTS = "SELECT * FROM notifications.take_reports(100, now())"
BEGIN = "SELECT * FROM notifications.begin_attempts(CAST(:rows AS jsonb), :token, now(), now(), 'phones')"
CONCLUDE = "SELECT * FROM notifications.conclude(CAST(:rows AS jsonb), CAST(:ended AS jsonb), '{}', now())"
NOTHING = {"rows": "{}", "ended": "{}", "token": new_id()}


@pytest.fixture
def planned_early(service):
    """A connection on which each function was planned when the tables were empty and known to be."""
    with service.stack.engine("admin").execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
        for table in ("report", "delivery", "notification"):
            conn.execute(text(f"VACUUM ANALYZE notifications.{table}"))
    conn = service.engine.connect()
    for statement in (TAKE, REPORTS, BEGIN, CONCLUDE):
        conn.execute(text(statement), NOTHING if ":" in statement else {})
    conn.commit()
    for status, number, settled in (("delivered", OLD, True), ("queued", NOW, False)):
        conn.execute(text(FILL), {"status": status, "number": number, "settled": settled})
    conn.commit()
    yield conn
    conn.rollback()
    conn.close()


def pages(conn, statement, **parameters):
    """How many pages it touches, of tables and indexes."""
    (plan,) = conn.execute(
        text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"), parameters
    ).scalar_one()
    assert plan["Plan"]["Actual Rows"] == NOW
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def queued(conn, token=None):
    if token is not None:
        conn.execute(
            text("UPDATE notifications.notification SET token = :t WHERE status = 'queued'"), {"t": token}
        )
    found = conn.execute(
        text(
            "SELECT n.id::text AS id, d.id::text AS delivery_id FROM notifications.notification n"
            " JOIN notifications.delivery d ON d.notification_id = n.id WHERE n.status = 'queued'"
        )
    )
    return {row.id: row.delivery_id for row in found}


def test_taking_what_is_due(planned_early):
    assert pages(planned_early, TAKE) < 24 * NOW


def test_taking_reports(planned_early):
    assert pages(planned_early, REPORTS) < 13 * NOW


def test_beginning_attempts(planned_early):
    token = new_id()
    rows = {
        one: {
            "delivery_id": new_id(),
            "number_index": None,
            "sent_template_id": "S2",
            "language": "es",
            "used": {},
        }
        for one in queued(planned_early, token)
    }
    assert pages(planned_early, BEGIN, rows=json.dumps(rows), token=token) < 36 * NOW


def test_concluding(planned_early):
    about = queued(planned_early)
    change = {"from_status": ["queued"], "status": "sent", "uncounted": 0, "told": 1}
    rows, ended = dict.fromkeys(about, change), dict.fromkeys(about.values(), "accepted")
    assert pages(planned_early, CONCLUDE, rows=json.dumps(rows), ended=json.dumps(ended)) < 25 * NOW
