"""The directory written. Every change of it takes the next version, so that readers load what changed and no more.

No other module writes these tables. Each statement that writes an entry also keeps, by `tables.remember`, what the rows
it has written say from this version on: RETURNING gives those rows and no others, and one statement happens whole or
not at all. So the history has a line for every change, whoever changes at the same time, without a trigger and without
a round trip more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from services.referral import tables
from services.referral.domain.directory import Capacity, Entry, Location, Organization, Service
from services.referral.store.services import SETS
from shared.database import json_rows


def next_version(conn: Connection, *, now: datetime) -> int:
    """Take the next version of the directory, which begins `now`. Whoever changes the directory does this first; the
    row stays locked until the transaction ends, so that versions become visible in their order."""
    return int(
        conn.execute(
            text(
                """
                WITH taken AS (
                    UPDATE referral.directory_state
                    SET version = version + 1, changed_in = pg_current_xact_id() RETURNING version
                )
                INSERT INTO referral.directory_version (version, at) SELECT version, :now FROM taken
                RETURNING version
                """
            ),
            {"now": now},
        ).scalar_one()
    )


def save_organizations(
    conn: Connection, organizations: Iterable[Organization], *, version: int, now: datetime
) -> int:
    """Insert or update; returns how many differed from what was there."""
    rows = [_printed({**asdict(one), "gates": _dates(one.gates)}) for one in organizations]
    return _save(conn, "organization", tables.ORGANIZATION, rows, {"version": version, "updated_at": now})


def save_locations(conn: Connection, locations: Iterable[Location], *, version: int) -> None:
    """Insert or update. A confidential location never gets its address back."""
    there = ", ".join(f'location."{name}"' for name in tables.LOCATION)
    conn.execute(
        text(
            f"""
            WITH written AS (
                INSERT INTO referral.location ({tables.names(tables.LOCATION)}, version)
                SELECT {tables.names(tables.LOCATION)}, :version
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({tables.typed(tables.LOCATION)})
                ON CONFLICT (id) DO UPDATE SET ({tables.names(tables.LOCATION)}, version) =
                    ROW({tables.excluded(tables.LOCATION)}, excluded.version)
                WHERE NOT location.confidential
                  AND ({there}) IS DISTINCT FROM ({tables.excluded(tables.LOCATION)})
                RETURNING *
            ) {tables.remember("location", "written")}
            """  # noqa: S608 - names of columns from this module
        ),
        {"rows": json_rows([asdict(one) for one in locations]), "version": version},
    )


def save_entries(conn: Connection, entries: Iterable[Entry], *, version: int, now: datetime) -> int:
    """Insert or update services; returns how many differed from what was there."""
    rows = [_printed(_service_row(one)) for one in entries]
    return _save(conn, "service", tables.SERVICE, rows, {"version": version, "updated_at": now})


def save_imported_capacities(conn: Connection, services: Iterable[Service], *, version: int) -> int:
    """Places left as a package tells them. What a provider typed in stays, and so does what is newer."""
    rows = [
        {
            "service_id": one.id,
            "status": one.capacity.status,
            "available": one.capacity.available,
            "valid_until": one.capacity.valid_until,
            "updated_at": one.capacity.updated_at,
        }
        for one in services
        if one.capacity.updated_at is not None
    ]
    return conn.execute(
        text(
            f"""
            WITH written AS (
                INSERT INTO referral.capacity (service_id, status, available, valid_until, updated_at, version)
                SELECT service_id, status, available, valid_until, updated_at, :version
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
                    service_id uuid, status text, available integer, valid_until timestamptz,
                    updated_at timestamptz)
                ON CONFLICT (service_id) DO UPDATE SET status = excluded.status, available = excluded.available,
                    valid_until = excluded.valid_until, updated_at = excluded.updated_at, version = excluded.version
                WHERE capacity.updated_by IS NULL AND capacity.updated_at < excluded.updated_at
                RETURNING *
            ) {tables.remember("capacity", "written")}
            """  # noqa: S608 - names of columns from `tables`
        ),
        {"rows": json_rows(rows), "version": version},
    ).rowcount


def save_capacity(conn: Connection, service_id: str, capacity: Capacity, *, version: int, by: str) -> None:
    """Places left as the provider says."""
    conn.execute(
        text(
            f"""
            WITH written AS (
                INSERT INTO referral.capacity
                    (service_id, status, available, valid_until, updated_at, updated_by, version)
                VALUES (:service_id, :status, :available, :valid_until, :updated_at, :by, :version)
                ON CONFLICT (service_id) DO UPDATE SET status = excluded.status, available = excluded.available,
                    valid_until = excluded.valid_until, updated_at = excluded.updated_at,
                    updated_by = excluded.updated_by, version = excluded.version
                RETURNING *
            ) {tables.remember("capacity", "written")}
            """  # noqa: S608 - names of columns from `tables`
        ),
        {
            "service_id": service_id,
            "status": str(capacity.status),
            "available": capacity.available,
            "valid_until": capacity.valid_until,
            "updated_at": capacity.updated_at,
            "by": by,
            "version": version,
        },
    )


def counts_places(conn: Connection, service_id: str) -> bool:
    """Whether the service counts its places and has some left."""
    return bool(
        conn.execute(
            text("SELECT available > 0 FROM referral.capacity WHERE service_id = :id"), {"id": service_id}
        ).scalar_one_or_none()
    )


def take_place(conn: Connection, service_id: str, *, version: int) -> None:
    """One place less, where places are counted."""
    conn.execute(
        text(
            f"""
            WITH written AS (
                UPDATE referral.capacity SET available = available - 1, version = :version
                WHERE service_id = :service_id AND available > 0 RETURNING *
            ) {tables.remember("capacity", "written")}
            """  # noqa: S608 - names of columns from `tables`
        ),
        {"service_id": service_id, "version": version},
    )


def _service_row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {name: value for name, value in asdict(entry).items() if name != "service"}
    service = entry.service
    row |= {name: getattr(service, name) for name in tables.SERVICE if hasattr(service, name)}
    row |= {name: sorted(getattr(service, name)) for name in SETS}
    row["openings"] = [[one.weekday, one.opens, one.closes] for one in service.openings]
    row["gates"] = _dates(service.gates)
    return row


def _dates(gates: Mapping[str, date | None]) -> dict[str, str | None]:
    return {gate: until.isoformat() if until else None for gate, until in sorted(gates.items())}


def _printed(row: dict[str, Any]) -> dict[str, Any]:
    row["fingerprint"] = hashlib.sha256(json_rows([row]).encode()).hexdigest()
    return row


def _save(
    conn: Connection,
    table: str,
    columns: tables.Columns,
    rows: list[dict[str, Any]],
    stamps: Mapping[str, Any],
) -> int:
    every = {**columns, **dict.fromkeys(stamps, "")}
    return conn.execute(
        text(
            f"""
            WITH written AS (
                INSERT INTO referral.{table} ({tables.names(every)})
                SELECT {tables.names(columns)}, {", ".join(f":{name}" for name in stamps)}
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({tables.typed(columns)})
                ON CONFLICT (id) DO UPDATE SET ({tables.names(every)}) = ROW({tables.excluded(every)})
                WHERE {table}.fingerprint <> excluded.fingerprint
                RETURNING *
            ) {tables.remember(table, "written")}
            """  # noqa: S608 - names of tables and columns from `tables`
        ),
        {"rows": json_rows(rows), **stamps},
    ).rowcount
