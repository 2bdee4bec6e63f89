"""The directory as it was, version after version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from services.referral.domain.directory import Service
from services.referral.domain.snapshot import Rewound, Snapshot
from services.referral.store import past as store
from shared.errors import NotFound


def directory_at(conn: Connection, version: int) -> Snapshot:
    """The directory as matching saw it at `version`. Raises NotFound for a version whose contents are not kept."""
    known = store.kept(conn)
    if not known.first <= version <= known.version:
        raise NotFound("De esa versión del directorio no se guardó el contenido.", code="directory_not_kept")
    return Rewound(store.services_at(conn, version), version=version).snapshot()


def directories_at(conn: Connection, versions: Iterable[int]) -> Iterator[Snapshot]:
    """The directory at each of these versions, lowest first, each once; those whose contents are not kept are left out.
    Built once and then carried on by what each version changed: each snapshot is true until the next is asked for."""
    known = store.kept(conn)
    wanted = sorted(one for one in set(versions) if known.first <= one <= known.version)
    if not wanted:
        return
    directory = Rewound(store.services_at(conn, wanted[0]), version=wanted[0])
    changes = store.changes(conn, wanted[0], wanted[-1])
    ahead = next(changes, None)
    for version in wanted:
        while ahead is not None and ahead.version <= version:
            directory.put(_changed(directory, ahead), version=ahead.version)
            ahead = next(changes, None)
        directory.put((), version=version)
        yield directory.snapshot()


def _changed(directory: Rewound, change: store.Change) -> list[Service]:
    """The services that a change leaves behind: a new entry keeps its places, new places keep their entry."""
    known = directory.services
    found = {
        one.id: replace(one, capacity=known[one.id].capacity) if one.id in known else one
        for one in change.services
    }
    for service_id, places in change.places.items():
        entry = found.get(service_id) or known[service_id]
        found[service_id] = replace(entry, capacity=places)
    return list(found.values())
