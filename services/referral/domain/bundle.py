"""Everything a receipt hangs on, as one JSON document: another machine, without a database, derives the receipt again.

A bundle holds the receipt, what the person had said (bands and codes, no identity; all her needs), the tables, and the
services of the directory that give the kinds of help in question, as they were. It is as restricted as the case itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from services.referral.domain.case import from_facts
from services.referral.domain.directory import Capacity, CapacityStatus, Opening, Service
from services.referral.domain.pathway import Pathway
from services.referral.domain.receipt import canonical
from services.referral.domain.rederiving import NOBODY, Again, NotDerivable, derive
from services.referral.domain.snapshot import Rewound
from shared import codes
from shared.clock import rfc3339

FORMAT = "ruta-receipt-bundle/1"
LISTS = (
    "age_bands",
    "gap_reasons",
    "localities",
    "need_facts",
    "needs",
    "criteria",
    "documents",
    "service_types",
)
WITHOUT = ("person_id", "organization_id", "focal_point_id")
"""What a case says of who is who, and no decision hangs on."""
SETS = tuple(one.name for one in fields(Service) if str(one.type).startswith("frozenset"))
DATES = ("valid_to", "verified_at")


def bundle(
    body: Mapping[str, Any],
    case: Mapping[str, Any] | None,
    files: Mapping[str, str],
    services: Iterable[Service],
) -> dict[str, Any]:
    """The document. `case` is None when it was erased, `files` are the tables' CSV files by name."""
    return {
        "format": FORMAT,
        "receipt": dict(body),
        "sha256": digest(body),
        "case": None if case is None else {name: v for name, v in case.items() if name not in WITHOUT},
        "rules": {"pathway": body["rules"]["pathway"], "files": dict(files)},
        "directory": {
            "version": body["directory_version"],
            "services": [_plain(one) for one in sorted(services, key=lambda one: one.id)],
        },
        "code_lists": lists_digest(),
    }


def kinds_of(body: Mapping[str, Any]) -> list[str]:
    """The kinds of help that the decision looked for."""
    route = body["route"]
    return sorted({route["service"], route.get("or_else"), body["asked"]["service_type"]} - {None, ""})


def derive_bundled(document: Mapping[str, Any]) -> Again:
    """The receipt of a bundle derived again. Raises NotDerivable, TableErrors, and KeyError, TypeError or ValueError
    for what is no bundle."""
    if document["format"] != FORMAT:
        raise NotDerivable("format")
    rules, directory, case = document["rules"], document["directory"], document["case"]
    pathway = Pathway.from_texts(rules["pathway"], rules["files"])
    services = [service_from(one) for one in directory["services"]]
    snapshot = Rewound(services, version=directory["version"]).snapshot()
    fact = None if case is None else from_facts({**dict.fromkeys(WITHOUT), "person_id": NOBODY, **case})
    return derive(document["receipt"], pathway, snapshot, fact)


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of the receipt's canonical bytes, as the auditor's text prints it."""
    return hashlib.sha256(canonical(body)).hexdigest()


def lists_digest() -> str:
    """Of the code lists that decisions hang on: another one explains why another release derives something else."""
    said = {name: [[one.code, dict(one.facts)] for one in codes.load(name).values()] for name in LISTS}
    return hashlib.sha256(canonical(said)).hexdigest()[:16]


def _plain(service: Service) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in fields(Service):
        value = getattr(service, one.name)
        said[one.name] = sorted(value) if isinstance(value, frozenset) else value
    said |= {name: _day(getattr(service, name)) for name in DATES}
    said["gates"] = {gate: _day(until) for gate, until in sorted(service.gates.items())}
    said["openings"] = [[one.weekday, one.opens, one.closes] for one in service.openings]
    places = service.capacity
    said["capacity"] = {
        "status": str(places.status),
        "available": places.available,
        "valid_until": _moment(places.valid_until),
        "updated_at": _moment(places.updated_at),
    }
    return said


def service_from(said: Mapping[str, Any]) -> Service:
    """A service of a bundle."""
    places = said["capacity"]
    return Service(
        **{
            **said,
            **{name: frozenset(said[name]) for name in SETS},
            **{name: _date(said[name]) for name in DATES},
            "gates": {gate: _date(until) for gate, until in said["gates"].items()},
            "openings": tuple(Opening(*one) for one in said["openings"]),
            "capacity": Capacity(
                CapacityStatus(places["status"]),
                places["available"],
                _time(places["valid_until"]),
                _time(places["updated_at"]),
            ),
        }
    )


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
