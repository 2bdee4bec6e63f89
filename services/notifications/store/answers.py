"""What comes back from phones: delivery reports and answers, kept first, understood later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.database import json_rows

_REPORTS = text(
    """
    INSERT INTO notifications.report (delivery_id, code, received_at)
    SELECT delivery_id, code, :now
    FROM unnest(CAST(:deliveries AS uuid[]), CAST(:codes AS smallint[])) AS r(delivery_id, code)
    ORDER BY delivery_id, code
    ON CONFLICT DO NOTHING
    """
)
_PLAN_ONCE = text("SET plan_cache_mode = force_generic_plan")
_TAKE_REPORTS = text("SELECT * FROM notifications.take_reports(:batch, :now)")
_RECEIVE = text(
    """
    INSERT INTO notifications.inbound (id, channel, external_id, number_indexes, sealed_text, received_at)
    VALUES (:id, :channel, :external_id, :number_indexes, :sealed_text, :now)
    ON CONFLICT (channel, external_id) DO NOTHING
    """
)
_UNREAD = text(
    """
    SELECT id::text, channel, number_indexes, sealed_text, received_at FROM notifications.inbound
    WHERE read_at IS NULL ORDER BY received_at, id LIMIT :batch FOR UPDATE SKIP LOCKED
    """
)
_ASKED = text(
    """
    SELECT d.id::text AS delivery_id, d.started_at, d.answered_at, d.answer, n.id::text AS notification_id,
        COALESCE(n.sent_template_id, n.template_id) AS template_id, n.person_id::text, n.referral_id::text,
        n.assessment_id::text, n.focal_point_id::text, n.sensitivity, n.priority, n.correlation_id,
        f.id::text AS follow_up_id, f.check_id, f.outcome_if_yes, f.outcome_if_no
    FROM notifications.delivery d JOIN notifications.notification n ON n.id = d.notification_id
    LEFT JOIN notifications.follow_up f ON f.id = n.follow_up_id
    WHERE d.number_index = ANY(CAST(:indexes AS bytea[])) AND d.started_at > :since AND d.started_at <= :until
      AND COALESCE(d.ended, 'unknown') NOT IN ('temporary', 'permanent', 'unavailable')
    ORDER BY d.started_at DESC, d.id DESC LIMIT 20
    """
)
_READ = text(
    """
    UPDATE notifications.inbound i SET read_at = :now, kind = r.kind, delivery_id = r.delivery_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, kind text, delivery_id uuid)
    WHERE i.id = r.id
    """
)
_ANSWER = text(
    """
    UPDATE notifications.delivery SET answered_at = :now, answer = :answer
    WHERE id = :delivery_id AND answered_at IS NULL
    """
)
_FORGET = text(
    """
    UPDATE notifications.inbound SET sealed_text = NULL
    WHERE id IN (SELECT id FROM notifications.inbound WHERE sealed_text IS NOT NULL AND received_at < :before
                 ORDER BY received_at LIMIT :batch)
    """
)
_OLDEST = {
    "report": text(
        "SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(received_at)) FROM notifications.report"
        " WHERE settled_at IS NULL"
    ),
    "inbound": text(
        "SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(received_at)) FROM notifications.inbound"
        " WHERE read_at IS NULL"
    ),
}


def plan_once(conn: Connection) -> None:
    """For a connection that only keeps reports: an insertion has one plan, whatever lies in the table."""
    conn.execute(_PLAN_ONCE)


def keep_reports(conn: Connection, reports: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Keep delivery reports (delivery id, code); the same one a second time changes nothing. In one order, so that
    two who keep the same ones do not wait for each other in a ring."""
    deliveries, codes = zip(*reports, strict=True)
    arrays = {"deliveries": f"{{{','.join(deliveries)}}}", "codes": f"{{{','.join(map(str, codes))}}}"}
    conn.execute(_REPORTS, arrays | {"now": now})


def take_reports(conn: Connection, *, now: datetime, batch: int) -> Sequence[Row[Any]]:
    """Up to `batch` kept reports, oldest first, settled with this transaction: delivery id, code, and of the attempt
    its notification and number; None for one that we did not make."""
    return conn.execute(_TAKE_REPORTS, {"now": now, "batch": batch}).all()


def receive(conn: Connection, row: dict[str, Any]) -> bool:
    """Keep an incoming text: id, channel, external_id, number_indexes, sealed_text, now. False for a repetition."""
    return conn.execute(_RECEIVE, row).rowcount > 0


def unread(conn: Connection, *, batch: int) -> Sequence[Row[Any]]:
    """Texts nobody has understood yet, oldest first, locked until the transaction ends."""
    return conn.execute(_UNREAD, {"batch": batch}).all()


def asked(
    conn: Connection, indexes: Sequence[bytes], *, since: datetime, until: datetime
) -> Sequence[Row[Any]]:
    """What this phone was written between `since` and `until`, newest first."""
    return conn.execute(_ASKED, {"indexes": list(indexes), "since": since, "until": until}).all()


def read(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Write what texts meant: id, kind, delivery_id."""
    if rows:
        conn.execute(_READ, {"rows": json_rows(list(rows)), "now": now})


def answer(conn: Connection, *, delivery_id: str, kind: str, now: datetime) -> None:
    """Note the answer to a question; the first one stays."""
    conn.execute(_ANSWER, {"delivery_id": delivery_id, "answer": kind, "now": now})


def forget(conn: Connection, *, before: datetime, batch: int = 1000) -> int:
    """Erase the texts that came in before; how many were."""
    return conn.execute(_FORGET, {"before": before, "batch": batch}).rowcount


def oldest(conn: Connection, what: str, now: datetime) -> float | None:
    """Seconds the oldest open `report` or `inbound` has waited, or None."""
    age = conn.execute(_OLDEST[what], {"now": now}).scalar_one_or_none()
    return None if age is None else float(age)
