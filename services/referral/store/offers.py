"""The directory for people: services to search, organizations to reach. A confidential place has no address here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from shared.errors import NotFound


def services(
    conn: Connection, wanted: dict[str, Any], *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Services by any of `search`, `service_type`, `country`, `locality`, `organization_id`, `active`; by id."""
    rows = conn.execute(
        text(
            """
            SELECT s.*, o.name AS organization_name, c.status AS capacity_status, c.available, c.valid_until,
                   c.updated_at AS capacity_updated_at
            FROM referral.service s JOIN referral.organization o ON o.id = s.organization_id
            LEFT JOIN referral.capacity c ON c.service_id = s.id
            WHERE (CAST(:search AS text) IS NULL
                   OR position(lower(:search) IN lower(s.name || ' ' || o.name)) > 0)
              AND (CAST(:service_type AS text) IS NULL OR :service_type = ANY(s.types))
              AND (CAST(:country AS text) IS NULL OR s.country = :country)
              AND (CAST(:locality AS text) IS NULL OR :locality = ANY(s.areas) OR s.national OR s.remote)
              AND (CAST(:organization_id AS uuid) IS NULL OR s.organization_id = :organization_id)
              AND (CAST(:active AS boolean) IS NULL OR s.active = :active)
              AND (CAST(:after AS uuid) IS NULL OR s.id > :after)
            ORDER BY s.id LIMIT :limit
            """
        ),
        {
            **{
                name: wanted.get(name)
                for name in ("search", "service_type", "country", "locality", "organization_id", "active")
            },
            "after": after,
            "limit": limit + 1,
        },
    )
    return [_plain(row) for row in rows.mappings()]


def service(conn: Connection, service_id: str) -> dict[str, Any]:
    """One service with its places. Raises NotFound."""
    row = (
        conn.execute(
            text(
                """
                SELECT s.*, o.name AS organization_name, c.status AS capacity_status, c.available, c.valid_until,
                       c.updated_at AS capacity_updated_at
                FROM referral.service s JOIN referral.organization o ON o.id = s.organization_id
                LEFT JOIN referral.capacity c ON c.service_id = s.id WHERE s.id = :id
                """
            ),
            {"id": service_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("No encontramos este servicio.", code="service_not_found")
    return _plain(row)


def locations(conn: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The places with these ids, as far as they may be known."""
    rows = conn.execute(
        text(
            """
            SELECT id, name, locality, address, latitude, longitude, confidential
            FROM referral.location WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
            """
        ),
        {"ids": list(ids)},
    )
    return [_plain(row) for row in rows.mappings()]


def contacts(conn: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Where messages for the staff of these organizations go. Unknown ones are left out."""
    rows = conn.execute(
        text(
            """
            SELECT id AS organization_id, phone, language, timezone FROM referral.organization
            WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
            """
        ),
        {"ids": list(ids)},
    )
    return [_plain(row) for row in rows.mappings()]


def organizations(conn: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Organizations of the directory, by id."""
    rows = conn.execute(
        text(
            """
            SELECT id, name, description, kind, country, website FROM referral.organization
            WHERE (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit
            """
        ),
        {"after": after, "limit": limit + 1},
    )
    return [_plain(row) for row in rows.mappings()]


def _plain(row: Any) -> dict[str, Any]:
    """Ids as text."""
    found = {name: str(value) if name in {"id", "organization_id"} else value for name, value in row.items()}
    if "location_ids" in found:
        found["location_ids"] = [str(one) for one in found["location_ids"]]
    return found
