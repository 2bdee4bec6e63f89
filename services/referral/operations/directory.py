"""Take a directory in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.referral.domain.hsds import read
from services.referral.domain.hsds_entries import Problem
from services.referral.store import directory as store
from services.referral.store import gaps


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `changed` counts services that are new or differ; `problems` were left out."""

    organizations: int
    services: int
    changed: int
    capacities: int
    problems: tuple[Problem, ...]


def import_hsds(conn: Connection, package: Any, *, now: datetime) -> ImportReport:
    """Import an HSDS package (parsed JSON, or CSV put together by `hsds_tables.assemble`). Good entries are kept, bad
    ones told by path; repeating an import changes nothing."""
    found = read(package, now=now)
    version = store.next_version(conn, now=now)
    store.save_organizations(conn, found.organizations.values(), version=version, now=now)
    store.save_locations(conn, found.locations.values(), version=version)
    changed = store.save_entries(conn, found.entries.values(), version=version, now=now)
    services = [entry.service for entry in found.entries.values()]
    capacities = store.save_imported_capacities(conn, services, version=version)
    gaps.look_again(conn, services)
    return ImportReport(len(found.organizations), len(services), changed, capacities, tuple(found.problems))
