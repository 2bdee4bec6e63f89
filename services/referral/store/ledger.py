"""The gap ledger read: one by one, and counted by place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from shared.errors import NotFound


def gaps(conn: Connection, *, open_only: bool, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Gaps, newest first, up to `limit + 1`, behind the id `after`."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.gap
            WHERE (NOT :open_only OR closed_at IS NULL) AND (CAST(:after AS uuid) IS NULL OR id < :after)
            ORDER BY id DESC LIMIT :limit
            """
        ),
        {"open_only": open_only, "after": after, "limit": limit + 1},
    )
    return [_texts(row) for row in rows.mappings()]


def gaps_by_harm(conn: Connection, *, after: tuple[Any, ...] | None, limit: int) -> list[dict[str, Any]]:
    """Open gaps, emergencies first and the longest open first, up to `limit + 1`, behind (priority, id)."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.gap
            WHERE closed_at IS NULL AND (CAST(:id AS uuid) IS NULL
                  OR (priority, id) > (CAST(:priority AS smallint), CAST(:id AS uuid)))
            ORDER BY priority, id LIMIT :limit
            """
        ),
        {"priority": after[0] if after else None, "id": after[1] if after else None, "limit": limit + 1},
    )
    return [_texts(row) for row in rows.mappings()]


def open_gaps(conn: Connection) -> tuple[int, int]:
    """How many gaps are open, and how many of them are emergencies."""
    row = conn.execute(
        text(
            """
            SELECT count(*) AS every, count(*) FILTER (WHERE priority = 0) AS emergencies
            FROM referral.gap WHERE closed_at IS NULL
            """
        )
    ).one()
    return int(row.every), int(row.emergencies)


def gap(conn: Connection, gap_id: str) -> dict[str, Any]:
    """One gap. Raises NotFound."""
    row = (
        conn.execute(text("SELECT * FROM referral.gap WHERE id = :id"), {"id": gap_id})
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("No encontramos esta brecha.", code="gap_not_found")
    return _texts(row)


def gap_counts(conn: Connection, *, limit: int = 20) -> list[dict[str, Any]]:
    """Open gaps by place, kind of help and reason; restricted kinds of help are counted together."""
    rows = conn.execute(
        text(
            """
            SELECT country, locality, CASE WHEN sensitivity = 'S3' THEN NULL ELSE service_type END AS service_type,
                   reason, count(*) AS count
            FROM referral.gap WHERE closed_at IS NULL
            GROUP BY 1, 2, 3, 4 ORDER BY count DESC, 1, 2, 3, 4 LIMIT :limit
            """
        ),
        {"limit": limit},
    )
    return [dict(row) for row in rows.mappings()]


def _texts(row: Any) -> dict[str, Any]:
    return {
        name: str(value) if name.endswith("id") and value is not None else value
        for name, value in row.items()
    }
