"""Put the CSV data package of HSDS together into its JSON form, so that one reader serves both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]
"""Rows per file name without `.csv`: `services`, `organizations`, `taxonomy_terms` …"""

ONE_OF_SERVICE = (
    "phones",
    "schedules",
    "service_areas",
    "languages",
    "required_documents",
    "cost_options",
    "contacts",
)
CAPACITY_TABLES = ("service_capacities", "service_capacity")


class Grouped:
    """The tables, with rows found by a key in one look-up."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._by: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}

    def all(self, name: str) -> Sequence[Row]:
        return self._tables.get(name, ())

    def of(self, name: str, key: str, identifier: str) -> list[dict[str, Any]]:
        """The rows of table `name` whose `key` is `identifier`, without their empty cells."""
        if (name, key) not in self._by:
            grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in self.all(name):
                grouped[row.get(key) or ""].append(_filled(row))
            self._by[(name, key)] = grouped
        return self._by[(name, key)].get(identifier, [])


def assemble(raw: Tables) -> dict[str, Any]:
    """`{"organizations": […], "services": […]}` as HSDS JSON."""
    tables = Grouped(raw)
    terms = {row["id"]: _filled(row) for row in tables.all("taxonomy_terms")}
    attributes = _attributes(tables, terms)
    locations = {row["id"]: _location(tables, row, attributes) for row in tables.all("locations")}
    organizations = []
    for row in tables.all("organizations"):
        mine = tables.of("locations", "organization_id", row["id"])
        organizations.append(
            {
                **_filled(row),
                "phones": _phones(tables, "organization_id", row["id"]),
                "locations": [locations[one["id"]] for one in mine],
                "attributes": attributes[row["id"]],
            }
        )
    services = [_service(tables, row, locations, attributes) for row in tables.all("services")]
    return {"organizations": organizations, "services": services}


def _service(
    tables: Grouped, row: Row, locations: Mapping[str, Any], attributes: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    found: dict[str, Any] = _filled(row)
    for name in ONE_OF_SERVICE:
        found[name] = tables.of(name, "service_id", row["id"])
    found["phones"] = _phones(tables, "service_id", row["id"])
    found["capacities"] = [
        one for name in CAPACITY_TABLES for one in tables.of(name, "service_id", row["id"])
    ]
    found["service_at_locations"] = [
        {"id": link.get("id", ""), "location": locations[link["location_id"]]}
        for link in tables.of("service_at_locations", "service_id", row["id"])
        if link.get("location_id") in locations
    ]
    found["attributes"] = attributes[row["id"]]
    return found


def _location(tables: Grouped, row: Row, attributes: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        **_filled(row),
        "addresses": tables.of("addresses", "location_id", row["id"]),
        "accessibility": tables.of("accessibility", "location_id", row["id"]),
        "attributes": attributes[row["id"]],
    }


def _phones(tables: Grouped, owner: str, identifier: str) -> list[dict[str, Any]]:
    phones = tables.of("phones", owner, identifier)
    if owner == "organization_id":
        phones = [one for one in phones if "service_id" not in one]
    return [{**one, "languages": tables.of("languages", "phone_id", one["id"])} for one in phones]


def _attributes(tables: Grouped, terms: Mapping[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables.all("attributes"):
        term = terms.get(row.get("taxonomy_term_id", ""))
        if term is not None:
            found[row.get("link_id", "")].append({**_filled(row), "taxonomy_term": term})
    return found


def _filled(row: Row) -> dict[str, Any]:
    """The row without its empty cells: HSDS omits what is not known."""
    return {key: value for key, value in row.items() if value not in (None, "")}
