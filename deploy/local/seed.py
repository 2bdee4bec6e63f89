"""The sample data: accounts, a directory, and assessments with what must become of them.

What is invented says so in its name (*ejemplo*). The files carry fixed days; they are moved to today when they are
read, because the directory forgets what nobody confirms, and clinical windows close.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

import services.intake
import services.referral
from services.referral.operations.directory import import_hsds
from shared.clock import rfc3339
from shared.identity.operations import NewAccount, ensure_account, ensure_organization

INTAKE = Path(services.intake.__path__[0]) / "samples"
REFERRAL = Path(services.referral.__path__[0]) / "samples"
AGO = timedelta(minutes=10)
"""How long before now a sample assessment was made."""
PLACES_BELIEVED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was loaded: sign-ins, organizations, services, and services that are new or changed."""

    accounts: int
    organizations: int
    services: int
    changed: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample assessment. `needs` says by need code what must be decided (`priority`, `services`, `notices`).

    `ends` is `completed`, `gap` (somebody is missing), `draft_authority` (a notice waits for a human) or `held` (the
    message to the person waits for a safe hour).
    """

    name: str
    document: Mapping[str, Any]
    needs: Mapping[str, Mapping[str, Any]]
    ends: str


def seed(identity: Connection, referral: Connection, *, password: str, now: datetime) -> Seeded:
    """Load the sample accounts, all with this password, and the sample directory. May be repeated: accounts that exist
    stay as they are. Raises ValueError when the directory has a bad entry."""
    package = directory(now=now)
    for organization in package:
        ensure_organization(identity, id=organization["id"], name=organization["name"], now=now)
    people = accounts()
    for person in people:
        ensure_account(identity, NewAccount(**person, password=password, must_change_password=False), now=now)
    report = import_hsds(referral, package, now=now)
    if report.problems:
        raise ValueError(f"the sample directory is damaged: {report.problems[0]}")
    return Seeded(len(people), report.organizations, report.services, report.changed)


def accounts() -> Sequence[Mapping[str, Any]]:
    """Three focal points, two coordinators, an administrator and one person of each organization, without passwords."""
    return _read(REFERRAL / "accounts.json")


def directory(*, now: datetime) -> list[dict[str, Any]]:
    """The sample directory (HSDS 3.1), as if it had been confirmed today."""
    package: list[dict[str, Any]] = _read(REFERRAL / "directory.json")
    for service in (service for organization in package for service in organization["services"]):
        service["assured_date"] = now.date().isoformat()
        for places in service["capacities"]:
            places["updated"] = rfc3339(now)
            places["valid_until"] = rfc3339(now + PLACES_BELIEVED)
    return package


def samples(*, now: datetime, run: str = "") -> list[Sample]:
    """The sample assessments, made ten minutes ago. With a `run` they are new persons and new assessments, so that the
    same samples can be sent again."""
    expected = _read(INTAKE / "expected.json")
    found = []
    for line in (INTAKE / "assessments.ndjson").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        what = expected[document["id"]]
        document["assessed_at"] = document["consent"]["obtained_at"] = rfc3339(now - AGO)
        found.append(Sample(what["case"], _renamed(document, run), what["needs"], what["ends"]))
    return found


def _renamed(document: dict[str, Any], run: str) -> dict[str, Any]:
    if not run:
        return document
    renamed = copy.deepcopy(document)
    for node in (renamed, renamed["person"], *renamed["needs"]):
        node["id"] = str(uuid5(UUID(node["id"]), run))
    return renamed


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
