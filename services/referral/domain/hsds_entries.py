"""Organizations, locations and services of an HSDS package, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.referral.domain.directory import Entry, Location, Organization, Service
from services.referral.domain.geography import default_timezone, places
from services.referral.domain.hsds_fields import (
    Attributes,
    attributes,
    capacity,
    locality_of,
    openings,
)
from services.referral.domain.hsds_node import MESSAGES, Bad, Node
from shared import codes

DAYLONG = (0, 1439)
CLOSED_WORDS = ("cerrad", "suspend", "closed")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry: where (`services[3].attributes[0]`), a code and what fills its sentence."""

    path: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def text(self, locale: str) -> str:
        """The sentence: English for `en…`, Spanish for every other locale."""
        spanish, english = MESSAGES[self.code]
        return (english if locale.startswith("en") else spanish).format(**self.params)


@dataclass(slots=True)
class Package:
    """A directory as read, by id. `problems` tell of what was left out."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_organization(package: Package, node: Node) -> None:
    """Add the organization at `node`. Raises Bad."""
    known = attributes(node)
    phone, language = _phone(node)
    homes = [_location(package, place) for place in node.children("locations")]
    locality = next((home.locality for home in homes if home.locality), "")
    country = next(iter(known.codes("country")), "") or locality.partition("-")[0]
    organization_id = node.identifier()
    package.organizations[organization_id] = Organization(
        id=organization_id,
        name=node.text("name"),
        description=node.optional("description") or "",
        kind=next(iter(known.codes("kind")), ""),
        country=country,
        phone=phone,
        language=language,
        timezone=str(places()[locality].timezone) if locality in places() else str(default_timezone(country)),
        email=node.optional("email"),
        website=node.optional("website"),
        gates=known.dated("gate"),
    )


def _phone(node: Node) -> tuple[str | None, str]:
    for phone in node.children("phones"):
        number = "".join(sign for sign in phone.text("number") if sign.isdigit() or sign == "+")
        languages = [one.optional("code") for one in phone.children("languages")]
        return number or None, next(
            (code for code in languages if code in codes.values("languages")), None
        ) or "es"
    return None, "es"


def _location(package: Package, node: Node, *, confidential: bool = False) -> Location:
    location_id = node.identifier()
    known = package.locations.get(location_id)
    hidden = (
        confidential
        or (known is not None and known.confidential)
        or "location" in attributes(node).codes("confidential")
    )
    addresses = list(node.children("addresses"))
    location = Location(
        id=location_id,
        name="" if hidden else node.optional("name") or "",
        locality=locality_of(node),
        address=None if hidden or not addresses else addresses[0].optional("address_1"),
        latitude=None if hidden else node.number("latitude"),
        longitude=None if hidden else node.number("longitude"),
        confidential=hidden,
    )
    package.locations[location_id] = location
    return location


def read_service(package: Package, node: Node, parent: str | None, now: datetime) -> None:
    """Add the service at `node`; `parent` is the organization it was nested in. Raises Bad."""
    organization_id = parent or _owner(node)
    if organization_id not in package.organizations:
        raise Bad(node.path, "unknown_organization", wrong=organization_id)
    organization = package.organizations[organization_id]
    known = attributes(node)
    types = known.codes("service_type")
    if not types:
        raise Bad(f"{node.path}.attributes", "no_service_type")
    confidential = "location" in known.codes("confidential")
    homes, accessibility = _homes(package, node, confidential)
    areas, country = _areas(node, homes, organization)
    service = replace(
        _offer(node, known),
        organization_id=organization_id,
        types=types,
        country=country,
        areas=areas,
        national="national" in known.codes("reach") or country in _extents(node),
        accessibility=accessibility | known.codes("accessibility"),
        public=organization.kind == "public",
        gates={**organization.gates, **known.dated("gate")},
        confidential=confidential or any(home.confidential for home in homes),
        capacity=capacity(node, known, now=now),
    )
    package.entries[service.id] = _entry(node, known, service, homes)


def _offer(node: Node, known: Attributes) -> Service:
    """What the service says of itself, before places and its organization are known."""
    hours = openings(node)
    spoken = frozenset(filter(None, (one.optional("code") for one in node.children("languages"))))
    return Service(
        id=node.identifier(),
        organization_id="",
        name=node.text("name"),
        types=frozenset(),
        country="",
        active=node.text("status") == "active" and not _closed(node.optional("alert")),
        remote="remote" in known.codes("reach"),
        capabilities=known.codes("capability"),
        serves=known.codes("serves"),
        minimum_age=node.number("minimum_age"),
        maximum_age=node.number("maximum_age"),
        languages=spoken or frozenset({"es"}),
        documents=_documents(node) & codes.values("documents"),
        free=all((one.number("amount") or 0) == 0 for one in node.children("cost_options")),
        openings=hours,
        always_open=len({one.weekday for one in hours if (one.opens, one.closes) == DAYLONG}) == 7,
        valid_to=known.fact_date("valid_to"),
        verified_at=node.date("assured_date"),
    )


def _entry(node: Node, known: Attributes, service: Service, homes: list[Location]) -> Entry:
    return Entry(
        service=service,
        description=node.optional("description") or "",
        alert=node.optional("alert"),
        url=node.optional("url"),
        application_process=node.optional("application_process") or "",
        other_documents=tuple(sorted(_documents(node) - service.documents)),
        phones=tuple(one.text("number").strip('" ') for one in node.children("phones")),
        location_ids=tuple(home.id for home in homes),
        valid_from=known.fact_date("valid_from"),
        verified_by=known.fact("verified_by") or node.optional("assurer_email"),
        source=known.fact("source"),
        next_check=known.fact_date("next_check"),
    )


def _documents(node: Node) -> frozenset[str]:
    return frozenset(one.text("document") for one in node.children("required_documents"))


def _owner(node: Node) -> str:
    nested = node.raw.get("organization")
    if isinstance(nested, dict) and nested.get("id"):
        return str(nested["id"])
    return node.text("organization_id")


def _homes(package: Package, node: Node, confidential: bool) -> tuple[list[Location], frozenset[str]]:
    homes, access = [], set()
    for link in node.children("service_at_locations"):
        place = link.child("location")
        if place is None:
            continue
        homes.append(_location(package, place, confidential=confidential))
        access |= {one.optional("description") for one in place.children("accessibility")}
    return homes, frozenset(one for one in access if one in codes.values("accessibility"))


def _extents(node: Node) -> set[str]:
    texts = (one.optional("extent") or "" for one in node.children("service_areas"))
    return {part.strip() for text in texts for part in text.replace(",", ";").split(";") if part.strip()}


def _areas(node: Node, homes: list[Location], organization: Organization) -> tuple[frozenset[str], str]:
    extents = _extents(node)
    localities = {home.locality for home in homes if home.locality} | {
        one for one in extents if one in places()
    }
    named = {one for one in extents if one in codes.values("countries")}
    countries = {one.partition("-")[0] for one in localities} | named or {organization.country}
    if len(countries) != 1 or not next(iter(countries)):
        raise Bad(node.path, "no_country")
    return frozenset(localities), next(iter(countries))


def _closed(alert: str | None) -> bool:
    return alert is not None and any(word in alert.casefold() for word in CLOSED_WORDS)
