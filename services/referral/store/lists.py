"""Referrals as lists, each by its own key; names and receipts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.referral.domain.record import Referral
from services.referral.store.rows import from_row
from shared.clock import rfc3339

TABS: Mapping[str, tuple[str, ...]] = {
    "new": ("requested",),
    "answer": ("received", "on_hold"),
    "running": ("accepted", "in_progress"),
    "closed": ("completed", "rejected"),
}
"""The provider's tabs: new, waiting for my answer, running, closed."""


INBOX_PAGE = 30


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose referrals: those an organization was asked, those it referred, or (both None) all."""

    provider_id: str | None = None
    referrer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is cut down to; None means any."""

    statuses: tuple[str, ...] | None = None
    assessment_id: str | None = None
    escalated_to: str | None = None


def referrals(
    conn: Connection, scope: Scope, filters: Filters, *, after: str | None, limit: int
) -> list[Referral]:
    """Newest first, up to `limit + 1`, behind the id `after`."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.referral
            WHERE (CAST(:provider AS uuid) IS NULL OR (organization_id = :provider
                   AND status NOT IN ('draft', 'cancelled', 'failed')))
              AND (CAST(:referrer AS uuid) IS NULL OR referring_organization_id = :referrer)
              AND (CAST(:statuses AS text[]) IS NULL OR status = ANY(:statuses))
              AND (CAST(:assessment AS uuid) IS NULL OR assessment_id = :assessment)
              AND (CAST(:escalated AS text) IS NULL OR escalated_to = :escalated)
              AND (CAST(:after AS uuid) IS NULL OR id < :after)
            ORDER BY id DESC LIMIT :limit
            """
        ),
        {
            "provider": scope.provider_id,
            "referrer": scope.referrer_id,
            "statuses": list(filters.statuses) if filters.statuses else None,
            "assessment": filters.assessment_id,
            "escalated": filters.escalated_to,
            "after": after,
            "limit": limit + 1,
        },
    )
    return [from_row(row) for row in rows.mappings()]


def inbox(
    conn: Connection, organization_id: str, tab: str, *, after: tuple[Any, ...] | None
) -> list[Referral]:
    """What a provider was asked, most urgent first; closed ones newest first. Up to INBOX_PAGE + 1 rows behind `after`
    (the `inbox_key` of the last one shown)."""
    closed = tab == "closed"
    rows = conn.execute(
        INBOX_CLOSED if closed else INBOX,
        {
            "provider": organization_id,
            "limit": INBOX_PAGE + 1,
            "first": after[0] if after else None,
            "second": after[1] if after else None,
            **({} if closed else {"statuses": list(TABS[tab]), "third": after[2] if after else None}),
        },
    )
    return [from_row(row) for row in rows.mappings()]


def inbox_key(referral: Referral, tab: str) -> tuple[Any, ...]:
    """By what the inbox is sorted."""
    if tab == "closed":
        return (rfc3339(referral.changed_at), referral.id)
    return (referral.priority, rfc3339(referral.due_at or referral.changed_at), referral.id)


def inbox_counts(conn: Connection, organization_id: str) -> dict[str, int]:
    """How many referrals each open tab holds."""
    rows = conn.execute(
        text(
            """
            SELECT status, count(*) FROM referral.referral
            WHERE organization_id = :provider
              AND status IN ('requested', 'received', 'on_hold', 'accepted', 'in_progress')
            GROUP BY status
            """
        ),
        {"provider": organization_id},
    )
    counts = {str(status): int(count) for status, count in rows}
    return {tab: sum(counts.get(one, 0) for one in names) for tab, names in TABS.items() if tab != "closed"}


def exceptions(conn: Connection, *, limit: int) -> list[Referral]:
    """What waits for the coordinator: clocks that ran out, worst first. An end counts while nobody took over."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.referral
            WHERE escalated_to = 'coordinator'
              AND (status NOT IN ('rejected', 'completed', 'cancelled', 'failed')
                   OR (status IN ('rejected', 'failed') AND successor_id IS NULL))
            ORDER BY priority, escalated_at, id LIMIT :limit
            """
        ),
        {"limit": limit},
    )
    return [from_row(row) for row in rows.mappings()]


def running_clocks(conn: Connection, *, limit: int) -> list[tuple[Referral, datetime]]:
    """Referrals whose clock runs, the next mark first, with the moment of that mark."""
    rows = conn.execute(
        text(
            """
            SELECT r.*, c.due_at AS mark_at FROM referral.clock c JOIN referral.referral r ON r.id = c.referral_id
            ORDER BY c.due_at, r.id LIMIT :limit
            """
        ),
        {"limit": limit},
    )
    return [(from_row(row), row["mark_at"]) for row in rows.mappings()]


def drafts(conn: Connection, *, referrer_id: str | None, limit: int) -> list[Referral]:
    """Drafts, most urgent first: those of one referring organization, or all."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.referral
            WHERE status = 'draft' AND (CAST(:referrer AS uuid) IS NULL OR referring_organization_id = :referrer)
            ORDER BY priority, created_at, id LIMIT :limit
            """
        ),
        {"referrer": referrer_id, "limit": limit},
    )
    return [from_row(row) for row in rows.mappings()]


def receipt(conn: Connection, decided_id: str) -> dict[str, Any] | None:
    """The receipt of a referral or gap."""
    found: dict[str, Any] | None = conn.execute(
        text("SELECT body FROM referral.receipt WHERE id = :id"), {"id": decided_id}
    ).scalar_one_or_none()
    return found


def names(conn: Connection, service_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Name of service and organization, and whether its place is confidential, by service id."""
    rows = conn.execute(
        text(
            """
            SELECT s.id, s.name, s.confidential, o.name AS organization
            FROM referral.service s JOIN referral.organization o ON o.id = s.organization_id
            WHERE s.id = ANY(CAST(:ids AS uuid[]))
            """
        ),
        {"ids": list(set(service_ids))},
    )
    return {str(row["id"]): dict(row) for row in rows.mappings()}


INBOX = text(
    """
    SELECT * FROM referral.referral
    WHERE organization_id = :provider AND status = ANY(:statuses)
      AND status IN ('requested', 'received', 'on_hold', 'accepted', 'in_progress')
      AND (CAST(:third AS uuid) IS NULL OR (priority, due_at, id)
           > (CAST(:first AS smallint), CAST(:second AS timestamptz), CAST(:third AS uuid)))
    ORDER BY priority, due_at, id LIMIT :limit
    """
)
INBOX_CLOSED = text(
    """
    SELECT * FROM referral.referral
    WHERE organization_id = :provider AND status IN ('completed', 'rejected')
      AND (CAST(:second AS uuid) IS NULL OR (changed_at, id)
           < (CAST(:first AS timestamptz), CAST(:second AS uuid)))
    ORDER BY changed_at DESC, id DESC LIMIT :limit
    """
)
