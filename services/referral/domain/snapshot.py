"""The whole directory in memory, indexed by kind of help and place. Immutable: a change makes a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.referral.domain.directory import Service

Cell = tuple[str, str]
"""Kind of help and locality, or kind of help and country."""
Index = dict[Cell, tuple[Service, ...]]
Maps = tuple[dict[str, Service], Index, Index, dict[Cell, int]]
"""Services by id, `here`, `reach` and `anywhere` of a snapshot."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`here` lists services by kind and locality served, `reach` those that reach a whole country, `anywhere` every
    active one of a country. `pending` counts referrals that wait for a service's answer when the snapshot was taken;
    `performance` is each organization's record between 0 and 1."""

    version: int = 0
    services: Mapping[str, Service] = field(default_factory=dict)
    here: Mapping[Cell, tuple[Service, ...]] = field(default_factory=dict)
    reach: Mapping[Cell, tuple[Service, ...]] = field(default_factory=dict)
    anywhere: Mapping[Cell, int] = field(default_factory=dict)
    pending: Mapping[str, int] = field(default_factory=dict)
    performance: Mapping[str, float] = field(default_factory=dict)

    def with_changes(
        self, changed: Iterable[Service], *, version: int, pending: Mapping[str, int] | None = None
    ) -> Snapshot:
        """A snapshot in which `changed` services replace those of the same id. Costs what the change touches, plus a
        copy of the outer maps."""
        services, here, reach, anywhere = (
            dict(self.services),
            dict(self.here),
            dict(self.reach),
            dict(self.anywhere),
        )
        _put((services, here, reach, anywhere), changed)
        waiting = self.pending if pending is None else pending
        return Snapshot(version, services, here, reach, anywhere, waiting, self.performance)


class Rewound:
    """A directory that is carried from version to version in place: costs what each change touches and no copy. A
    snapshot taken from it is true until the next `put`."""

    def __init__(self, services: Iterable[Service], *, version: int) -> None:
        self._maps: Maps = ({}, {}, {}, {})
        self._version = version
        _put(self._maps, services)

    def put(self, changed: Iterable[Service], *, version: int) -> None:
        """`changed` services replace those of the same id."""
        _put(self._maps, changed)
        self._version = version

    @property
    def services(self) -> Mapping[str, Service]:
        return self._maps[0]

    def snapshot(self) -> Snapshot:
        """The directory as it stands here."""
        return Snapshot(self._version, *self._maps)


def _put(maps: Maps, changed: Iterable[Service]) -> None:
    services, here, reach, anywhere = maps
    new = {service.id: service for service in changed}
    old = [services[one] for one in new if one in services]
    _replace(here, _cells(old, _local), _cells(new.values(), _local))
    _replace(reach, _cells(old, _reaching), _cells(new.values(), _reaching))
    for sign, several in ((-1, old), (1, list(new.values()))):
        for cell, found in _cells(several, _countries).items():
            anywhere[cell] = anywhere.get(cell, 0) + sign * len(found)
    services.update(new)


def _local(service: Service) -> Iterable[str]:
    return service.areas


def _reaching(service: Service) -> Iterable[str]:
    return (service.country,) if service.national or service.remote else ()


def _countries(service: Service) -> Iterable[str]:
    return (service.country,)


def _cells(
    services: Iterable[Service], places: Callable[[Service], Iterable[str]]
) -> dict[Cell, dict[str, Service]]:
    found: dict[Cell, dict[str, Service]] = defaultdict(dict)
    for service in services:
        if service.active:
            for kind in service.types:
                for place in places(service):
                    found[(kind, place)][service.id] = service
    return found


def _replace(
    index: Index,
    old: dict[Cell, dict[str, Service]],
    new: dict[Cell, dict[str, Service]],
) -> None:
    for cell in old.keys() | new.keys():
        gone = old.get(cell, {}).keys() | new.get(cell, {}).keys()
        kept = [service for service in index.get(cell, ()) if service.id not in gone]
        index[cell] = (*kept, *new.get(cell, {}).values())
