"""Outcomes that nobody can deliver: a row names a kind of help that nobody in a place of the plan offers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import shared.codes
from services.referral.domain.decisions.definition import Row
from services.referral.domain.decisions.proof.findings import Finding, Kind
from services.referral.domain.decisions.table import DecisionTable

SERVICE_TYPES = "service_types"


@dataclass(frozen=True)
class Place:
    """A locality of the plan: the inputs that being there settles (`country`, `locality`), and the service types
    that an active, verified provider offers there."""

    locality: str
    inputs: Mapping[str, Any]
    offered: Collection[str]


def places_from(offers: Mapping[str, Collection[str]]) -> list[Place]:
    """Places out of locality to service types; being in a locality settles it and its country."""
    localities = shared.codes.load("localities")
    return [
        Place(
            locality,
            {"locality": locality, "country": localities[locality].fact("country")}
            if locality in localities
            else {"locality": locality},
            offered,
        )
        for locality, offered in offers.items()
    ]


def unreachable(
    table: DecisionTable, places: Collection[Place], *, always: Collection[str] = ()
) -> Iterator[Finding]:
    """For every place and service type that rows name there and nobody offers, one finding with those rows.

    Service types stand in the outputs of the code list `service_types` (or called `service_type`). `always` names
    those that need no provider, such as a public emergency line.
    """
    outputs = [
        index
        for index, column in enumerate(table.outputs)
        if column.codes == SERVICE_TYPES or column.name == "service_type"
    ]
    for place in places:
        wanting: dict[str, list[str]] = {}
        for row in table.rows:
            if _can_apply(table, row, place):
                for wanted in _named(row, outputs):
                    if wanted not in place.offered and wanted not in always:
                        wanting.setdefault(wanted, []).append(row.id)
        for service_type, rows in wanting.items():
            details = {"service_type": service_type, "locality": place.locality}
            yield Finding(
                Kind.UNREACHABLE, table.name, tuple(rows), dict(place.inputs), tuple(place.inputs), details
            )


def _named(row: Row, outputs: Collection[int]) -> Iterator[str]:
    for index in outputs:
        value = row.outputs[index]
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, str):
            yield value


def _can_apply(table: DecisionTable, row: Row, place: Place) -> bool:
    return all(
        cell.holds(place.inputs[column.name])
        for column, cell in zip(table.inputs, row.cells, strict=True)
        if column.name in place.inputs
    )
