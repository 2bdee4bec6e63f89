"""Read HSDS 3.1 (Open Referral) into the directory's own records.

Takes JSON in any of the shapes that HSDS knows: a list, one object, a page with `contents`, or an object with
`organizations` and `services`. A bad entry becomes a `Problem` with its path and does not stop the others. What
HSDS has no field for stands in `attributes`; see the how-to "Import a directory of services".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from services.referral.domain.hsds_entries import Package, Problem, read_organization, read_service
from services.referral.domain.hsds_node import Bad, Node


def read(package: Any, *, now: datetime) -> Package:
    """Read `package` (parsed JSON). Never raises for its content; a repeated id is read as its last entry."""
    found = Package()
    services: list[tuple[str, Any, str | None]] = []
    for path, raw, parent in _walk(package):
        if parent is None and _is_organization(raw):
            _keep(found, path, raw, partial(read_organization, found))
            continue
        nested = raw.get("organization") if isinstance(raw, dict) else None
        if isinstance(nested, dict) and nested.get("id") not in found.organizations:
            _keep(found, f"{path}.organization", nested, partial(read_organization, found))
        services.append((path, raw, None if parent is None else str(parent.get("id"))))
    for path, raw, owner in services:
        _keep(found, path, raw, partial(_read_service, found, owner, now))
    return found


def _read_service(found: Package, owner: str | None, now: datetime, node: Node) -> None:
    read_service(found, node, owner, now)


def _keep(found: Package, path: str, raw: Any, reading: Callable[[Node], None]) -> None:
    try:
        reading(Node(raw, path))
    except Bad as bad:
        found.problems.append(Problem(bad.path, bad.code, bad.params))


def _walk(package: Any) -> Iterator[tuple[str, Any, Mapping[str, Any] | None]]:
    """Every organization and service with its path, and the organization that a service was nested in."""
    if isinstance(package, dict) and isinstance(package.get("contents"), list):
        yield from _walk_list(package["contents"], "contents")
    elif (
        isinstance(package, dict)
        and ("organizations" in package or "services" in package)
        and "id" not in package
    ):
        yield from _walk_list(package.get("organizations") or [], "organizations")
        yield from _walk_list(package.get("services") or [], "services")
    elif isinstance(package, list):
        yield from _walk_list(package, "")
    else:
        yield from _walk_list([package], "")


def _walk_list(found: Any, name: str) -> Iterator[tuple[str, Any, Mapping[str, Any] | None]]:
    if not isinstance(found, list):
        yield name, found, None
        return
    for number, raw in enumerate(found):
        path = f"{name}[{number}]"
        yield path, raw, None
        if isinstance(raw, dict) and isinstance(raw.get("services"), list):
            for inner, service in enumerate(raw["services"]):
                yield f"{path}.services[{inner}]", service, raw


def _is_organization(raw: Any) -> bool:
    if not isinstance(raw, dict) or "organization" in raw or "organization_id" in raw:
        return False
    return "status" not in raw or "services" in raw
