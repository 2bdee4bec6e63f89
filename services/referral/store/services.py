"""The directory read: services with their places left, and what is known of who answers how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from services.referral.domain.directory import Capacity, CapacityStatus, Opening, Service

SETS = (
    "types",
    "areas",
    "capabilities",
    "serves",
    "languages",
    "documents",
    "accessibility",
)
PLAIN = (
    "name",
    "country",
    "active",
    "national",
    "remote",
    "minimum_age",
    "maximum_age",
    "free",
    "always_open",
    "public",
    "confidential",
    "valid_to",
    "verified_at",
)


@dataclass(frozen=True, slots=True)
class State:
    """Where the directory stands for a transaction. `own`: by a change of its own, which nobody else sees yet."""

    version: int
    own: bool


def state(conn: Connection) -> State:
    """The version of the directory that this transaction sees, and whose it is."""
    row = conn.execute(STATE).one()
    return State(int(row.version), bool(row.own))


def services_since(conn: Connection, seen: int) -> tuple[int, list[Service]]:
    """Every service that changed, or whose places changed, after version `seen`, and the version that these services
    bring: read in one statement, so that no change between the two can be missed or counted to the wrong version."""
    found = conn.execute(SINCE, {"seen": seen}).mappings().all()
    return int(found[0]["directory_version"]), [service_of(row) for row in found if row["id"] is not None]


def pending(conn: Connection) -> dict[str, int]:
    """How many referrals wait for the answer of each service."""
    found = conn.execute(
        text(
            """
            SELECT service_id, count(*) FROM referral.referral
            WHERE status IN ('requested', 'received') GROUP BY service_id
            """
        )
    )
    return {str(service_id): int(count) for service_id, count in found}


def performance(conn: Connection, *, since: datetime) -> dict[str, float]:
    """Each organization's record from 0 to 1: the share of referrals it took on. Few answers pull towards the middle,
    so that a small or new organization is not starved."""
    found = conn.execute(
        text(
            """
            SELECT organization_id, count(*) AS all_of_them,
                count(*) FILTER (WHERE status IN ('accepted', 'in_progress', 'completed')) AS taken
            FROM referral.referral
            WHERE changed_at > :since AND status NOT IN ('draft', 'requested', 'received', 'cancelled')
            GROUP BY organization_id
            """
        ),
        {"since": since},
    )
    return {str(row.organization_id): rating(row.all_of_them, row.taken) for row in found}


def rating(answered: int, taken: int) -> float:
    """The record of an organization that took on so many of so many referrals."""
    return round(0.5 + (taken / answered - 0.5) * min(answered, 20) / 20, 4)


def capacity_of(row: RowMapping) -> Capacity:
    """The places left of a joined row."""
    status = row["capacity_status"]
    if status is None:
        return Capacity()
    return Capacity(CapacityStatus(status), row["available"], row["valid_until"], row["capacity_updated_at"])


def service_of(row: RowMapping) -> Service:
    """The service of a joined row."""
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    values |= {name: frozenset(row[name]) for name in SETS}
    return Service(
        id=str(row["id"]),
        organization_id=str(row["organization_id"]),
        openings=tuple(Opening(*one) for one in row["openings"]),
        gates={gate: date.fromisoformat(until) if until else None for gate, until in row["gates"].items()},
        capacity=capacity_of(row),
        **values,
    )


STATE = text(
    """
    SELECT version, coalesce(changed_in = pg_current_xact_id_if_assigned(), false) AS own
    FROM referral.directory_state
    """
)
SINCE = text(
    """
    SELECT d.version AS directory_version, found.*
    FROM referral.directory_state d LEFT JOIN (
        SELECT s.*, c.status AS capacity_status, c.available, c.valid_until, c.updated_at AS capacity_updated_at
        FROM referral.service s LEFT JOIN referral.capacity c ON c.service_id = s.id
        WHERE s.version > :seen OR c.version > :seen
    ) found ON true
    """
)
