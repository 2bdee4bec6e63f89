"""The whole directory in memory, indexed by kind of help and place. Immutable: a change makes a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.referral.domain.directory import Service

Cell = tuple[str, str]
"""Kind of help and locality, or kind of help and country."""


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
        new = {service.id: service for service in changed}
        old = [self.services[one] for one in new if one in self.services]
        here, reach, anywhere = dict(self.here), dict(self.reach), dict(self.anywhere)
        _replace(here, _cells(old, _local), _cells(new.values(), _local))
        _replace(reach, _cells(old, _reaching), _cells(new.values(), _reaching))
        for sign, services in ((-1, old), (1, list(new.values()))):
            for cell, found in _cells(services, _countries).items():
                anywhere[cell] = anywhere.get(cell, 0) + sign * len(found)
        return Snapshot(
            version,
            {**self.services, **new},
            here,
            reach,
            anywhere,
            self.pending if pending is None else pending,
            self.performance,
        )


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
    index: dict[Cell, tuple[Service, ...]],
    old: dict[Cell, dict[str, Service]],
    new: dict[Cell, dict[str, Service]],
) -> None:
    for cell in old.keys() | new.keys():
        gone = old.get(cell, {}).keys() | new.get(cell, {}).keys()
        kept = [service for service in index.get(cell, ()) if service.id not in gone]
        index[cell] = (*kept, *new.get(cell, {}).values())
