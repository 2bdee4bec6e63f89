"""Outcomes as reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from shared.database import json_rows


def add(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep outcomes of referrals that exist, each once."""
    conn.execute(
        text(
            """
            INSERT INTO referral.outcome (id, referral_id, outcome, source, follow_up, at)
            SELECT o.id, o.referral_id, o.outcome, o.source, o.follow_up, o.at
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS o(id uuid, referral_id uuid, outcome text, source text,
                follow_up text, at timestamptz)
            JOIN referral.referral r ON r.id = o.referral_id
            ON CONFLICT (id) DO NOTHING
            """
        ),
        {"rows": json_rows(list(rows))},
    )


def of_referral(conn: Connection, referral_id: str) -> list[dict[str, Any]]:
    """What was reported on a referral, oldest first."""
    rows = conn.execute(
        text(
            "SELECT outcome, source, follow_up, at FROM referral.outcome WHERE referral_id = :id ORDER BY at, id"
        ),
        {"id": referral_id},
    )
    return [dict(row) for row in rows.mappings()]
