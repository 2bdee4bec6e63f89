"""Prove a version against its own promises and against the directory as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from services.referral.domain.decisions import DecisionTable
from services.referral.domain.decisions.grids import read_csv
from services.referral.domain.decisions.proof import (
    Finding,
    Kind,
    Place,
    describe,
    prove,
    prove_invariants,
    read_invariants,
    unreachable,
)
from services.referral.domain.decisions.proof.invariants import FILE as INVARIANTS
from services.referral.domain.directory import Freshness, Service
from services.referral.domain.geography import places
from services.referral.domain.pathway_tables import Pathway
from services.referral.domain.publishing import EMERGENCY_SERVICES, Found
from services.referral.domain.snapshot import Snapshot
from shared import codes

MOST_PER_TABLE = 50


def proof(
    pathway: Pathway, files: Mapping[str, str], snapshot: Snapshot, *, today: date, plan: Collection[str] = ()
) -> list[Found]:
    """Everything the proof finds. Blocking are broken invariants and emergency help that nobody can give somewhere in
    the plan. Raises TableErrors when the invariants cannot be read."""
    return [*by_themselves(pathway, files), *in_directory(pathway, snapshot, today=today, plan=plan)]


def by_themselves(pathway: Pathway, files: Mapping[str, str]) -> list[Found]:
    """What is wrong with the tables whatever the directory holds. Raises TableErrors."""
    return [_found(one, pathway) for one in _findings(pathway, files)]


def in_directory(
    pathway: Pathway, snapshot: Snapshot, *, today: date, plan: Collection[str] = ()
) -> list[Found]:
    """Kinds of help that the tables name and nobody can give somewhere in the plan."""
    places = reached(snapshot, today=today, plan=plan)
    return [_found(one, pathway) for table in pathway.tables.values() for one in unreachable(table, places)]


def reached(snapshot: Snapshot, *, today: date, plan: Collection[str] = ()) -> list[Place]:
    """The localities of the plan and the kinds of help that an active, verified provider there, in a neighbouring
    locality or at a distance can give. In the plan are those where anybody offers anything, and those named in `plan`:
    a place does not leave it because its last provider is gone."""
    by_place: dict[str, set[str]] = {}
    for (kind, locality), services in snapshot.here.items():
        if _any_verified(services, today):
            by_place.setdefault(locality, set()).add(kind)
    by_country: dict[str, set[str]] = {}
    for (kind, country), services in snapshot.reach.items():
        if _any_verified(services, today):
            by_country.setdefault(country, set()).add(kind)
    known = places()
    found = []
    for locality in sorted((by_place.keys() | set(plan)) & known.keys()):
        place = known[locality]
        offered = set(by_place.get(locality, ())) | by_country.get(place.country, set())
        for neighbour, _ in place.neighbours:
            offered |= by_place.get(neighbour, set())
        found.append(Place(locality, {"locality": locality, "country": place.country}, offered))
    return found


def _any_verified(services: tuple[Service, ...], today: date) -> bool:
    return any(one.freshness(today) is not Freshness.EXCLUDED for one in services)


def _findings(pathway: Pathway, files: Mapping[str, str]) -> Iterator[Finding]:
    for table in pathway.tables.values():
        yield from prove(table, limit=MOST_PER_TABLE)
    if INVARIANTS in files:
        promises = read_invariants(read_csv(files[INVARIANTS].encode(), INVARIANTS), pathway.tables)
        yield from prove_invariants(pathway.tables, promises, limit=MOST_PER_TABLE)


def _found(finding: Finding, pathway: Pathway) -> Found:
    table = pathway.tables[finding.table]
    details = "|".join(
        f"{name}={value}" for name, value in sorted(finding.details.items()) if "title" not in name
    )
    mark = f"{finding.kind}|{finding.table}|{','.join(finding.rows)}|{details}|{_case(finding)}"
    return Found(
        key=hashlib.sha256(mark.encode()).hexdigest()[:12],
        kind=finding.kind.value,
        table=finding.table,
        rows=finding.rows,
        es=describe(finding, table, "es"),
        en=describe(finding, table, "en"),
        blocking=_blocks(finding),
        case=_told(finding),
        beside=finding.rows or _met(finding, table),
        place=finding.details["locality"] if finding.kind is Kind.UNREACHABLE else "",
    )


def _met(finding: Finding, table: DecisionTable) -> tuple[str, ...]:
    """The rows that answer the case of a finding that names none: one of them should have answered otherwise."""
    if finding.case is None:
        return ()
    failed = table.failed_cells(finding.case)
    return tuple(row.id for row in table.rows if row.id not in failed)


def _told(finding: Finding) -> dict[str, str | list[str]]:
    """The finding's case as a form sends it; none for help that nobody gives, which is no one person's matter."""
    if finding.case is None or finding.kind is Kind.UNREACHABLE:
        return {}
    known = {name: value for name, value in finding.case.items() if value is not None}
    return {
        name: [_plain(one) for one in value] if isinstance(value, list | tuple) else _plain(value)
        for name, value in known.items()
    }


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _case(finding: Finding) -> str:
    """A gap has no rows: its case tells it from the next one."""
    return "" if finding.rows or finding.case is None else str(sorted(finding.case.items(), key=str))


def _blocks(finding: Finding) -> bool:
    if finding.kind is Kind.INVARIANT:
        return True
    emergency = EMERGENCY_SERVICES & codes.load("service_types").keys()
    return finding.kind is Kind.UNREACHABLE and finding.details["service_type"] in emergency
