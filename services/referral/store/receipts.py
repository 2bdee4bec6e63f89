"""Receipts with what they hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt, and what the person had said; None after she withdrew her consent."""

    id: str
    body: dict[str, Any]
    facts: dict[str, Any] | None


def get(conn: Connection, decided_id: str) -> Kept:
    """The receipt of a referral or gap. Raises NotFound."""
    row = conn.execute(
        text(
            """
            SELECT r.body, CASE WHEN c.withdrawn_at IS NULL THEN c.facts END AS facts
            FROM referral.receipt r LEFT JOIN referral.person_case c ON c.assessment_id = r.assessment_id
            WHERE r.id = :id
            """
        ),
        {"id": decided_id},
    ).one_or_none()
    if row is None:
        raise NotFound("No encontramos el recibo de esta decisión.", code="receipt_not_found")
    return Kept(decided_id, dict(row.body), None if row.facts is None else dict(row.facts))


def some(conn: Connection, count: int) -> list[str]:
    """The ids of `count` receipts drawn by lot."""
    rows = conn.execute(
        text("SELECT id::text FROM referral.receipt ORDER BY random() LIMIT :count"), {"count": count}
    )
    return list(rows.scalars())


def packaged_then(conn: Connection, pathway: str, moment: datetime) -> str | None:
    """The hash of the tables of an earlier release that decided at `moment`, when no version was published; None when
    nothing had been decided by then."""
    found = conn.execute(
        text(
            """
            SELECT content_hash FROM referral.pathway_content c
            WHERE pathway = :pathway AND first_used_at <= :moment AND NOT EXISTS (
                SELECT FROM referral.pathway_version v
                WHERE v.content_hash = c.content_hash AND v.live_from IS NOT NULL)
            ORDER BY first_used_at DESC LIMIT 1
            """
        ),
        {"pathway": pathway, "moment": moment},
    ).scalar_one_or_none()
    return None if found is None else str(found)
