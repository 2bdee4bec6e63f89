"""Past cases as bands and codes, for replays. Nobody's identity, and nobody who withdrew the permission to share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text


def latest_facts(conn: Connection, *, limit: int) -> list[dict[str, Any]]:
    """What the newest assessments said, at most `limit`."""
    rows = conn.execute(
        text(
            """
            SELECT facts FROM referral.person_case WHERE withdrawn_at IS NULL
            ORDER BY assessment_id DESC LIMIT :limit
            """
        ),
        {"limit": limit},
    )
    return [dict(row.facts) for row in rows]
