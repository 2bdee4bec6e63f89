"""Figures for whoever is on call: what the gateway said lately, and which calls to people wait. No ids, no persons."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, text

UNDER_WAY = "under_way"
_ENDS = text(
    """
    SELECT channel, coalesce(ended, :under_way) AS ended, count(*) AS number FROM notifications.delivery
    WHERE id >= CAST(:first AS uuid) GROUP BY 1, 2
    """
)
_CALLS = text(
    """
    SELECT reason, count(*) AS open, count(*) FILTER (WHERE due_at < :now) AS overdue
    FROM notifications.call WHERE closed_at IS NULL GROUP BY reason
    """
)


def ends_since(conn: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """How attempts that were begun since then ended, by channel. Their ids tell when they were made, so that the
    primary key finds the newest."""
    first = str(uuid.UUID(int=int(since.timestamp() * 1000) << 80))
    rows = conn.execute(_ENDS, {"first": first, "under_way": UNDER_WAY})
    return {(row.channel, row.ended): row.number for row in rows}


def calls(conn: Connection, now: datetime) -> dict[str, tuple[int, int]]:
    """By reason, how many calls to people are open, and how many of them overdue."""
    return {row.reason: (row.open, row.overdue) for row in conn.execute(_CALLS, {"now": now})}
