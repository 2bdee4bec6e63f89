"""Gaps that may have an answer now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.referral.domain.directory import Service
from shared.database import json_rows


def look_again(conn: Connection, services: Iterable[Service]) -> None:
    """Mark the open gaps that one of these services might close."""
    kinds = sorted({(kind, one.country) for one in services if one.active for kind in one.types})
    if not kinds:
        return
    conn.execute(
        text(
            """
            UPDATE referral.gap g SET look_again = true
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, country text)
            WHERE g.closed_at IS NULL AND NOT g.look_again AND g.country = r.country
              AND r.kind IN (g.service_type, g.route ->> 'or_else')
            """
        ),
        {"rows": json_rows([{"kind": kind, "country": country} for kind, country in kinds])},
    )


def take(conn: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` marked gaps, most urgent first; locked, and skipping what another worker holds."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.gap WHERE look_again AND closed_at IS NULL
            ORDER BY priority, created_at LIMIT :limit FOR UPDATE SKIP LOCKED
            """
        ),
        {"limit": limit},
    )
    return [
        {
            name: str(value) if name.endswith("id") and value is not None else value
            for name, value in row.items()
        }
        for row in rows.mappings()
    ]


def looked_at(conn: Connection, reasons: Mapping[str, str], closed: Sequence[str], *, now: datetime) -> None:
    """Take the mark off: with today's reason for gaps that stay, closed for those that somebody can fill."""
    conn.execute(
        text(
            """
            UPDATE referral.gap g SET look_again = false, reason = r.reason
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, reason text) WHERE g.id = r.id
            """
        ),
        {"rows": json_rows([{"id": one, "reason": reason} for one, reason in reasons.items()])},
    )
    conn.execute(
        text(
            """
            UPDATE referral.gap SET look_again = false, closed_at = :now
            WHERE id = ANY(CAST(:ids AS uuid[]))
            """
        ),
        {"ids": list(closed), "now": now},
    )


def close_of(conn: Connection, assessment_ids: Sequence[str], *, now: datetime) -> None:
    """Close the gaps of these assessments: their persons want nothing asked any more."""
    conn.execute(
        text(
            """
            UPDATE referral.gap SET closed_at = :now
            WHERE assessment_id = ANY(CAST(:ids AS uuid[])) AND closed_at IS NULL
            """
        ),
        {"ids": list(assessment_ids), "now": now},
    )


def close(conn: Connection, gap_id: str, *, reason: str, by: str, now: datetime) -> bool:
    """A coordinator decided that nothing more is asked; the last referral that failed leaves the list of open clocks.
    Returns False when there is no such open gap."""
    row = conn.execute(
        text(
            """
            UPDATE referral.gap SET closed_at = :now, closed_reason = :reason, closed_by = :by
            WHERE id = :id AND closed_at IS NULL RETURNING referral_id
            """
        ),
        {"id": gap_id, "reason": reason, "by": by, "now": now},
    ).one_or_none()
    if row is None:
        return False
    conn.execute(
        text("UPDATE referral.referral SET escalated_to = NULL WHERE id = :id"), {"id": row.referral_id}
    )
    return True


def any_marked(conn: Connection) -> bool:
    """Whether there is a gap to look at again."""
    return bool(
        conn.execute(
            text("SELECT EXISTS (SELECT FROM referral.gap WHERE look_again AND closed_at IS NULL)")
        ).scalar_one()
    )
