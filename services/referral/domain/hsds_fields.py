"""The small print of HSDS: attributes, opening hours, places left, localities."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from services.referral.domain.directory import CAPACITY_BELIEVED, Capacity, CapacityStatus, Opening
from services.referral.domain.geography import places
from services.referral.domain.hsds_node import Bad, Node, parse_date
from shared import codes

PREFIX = "ruta:"
GATES = frozenset({"psea", "code_of_conduct", "data_agreement", "gbv_vetted", "cp_vetted", "tip_vetted"})
SERVES = frozenset({"women", "men", "trans_women", "trans_men", "non_binary"})
FACTS = frozenset({"valid_from", "valid_to", "verified_by", "source", "next_check"})
KINDS = frozenset({"public", "un", "ngo", "community", "employer"})
LISTED = {
    "service_type": "service_types",
    "capability": "capabilities",
    "accessibility": "accessibility",
    "country": "countries",
}
CLOSED_SETS: Mapping[str, frozenset[str]] = {
    "gate": GATES,
    "serves": SERVES,
    "fact": FACTS,
    "kind": KINDS,
    "reach": frozenset({"remote", "national"}),
    "confidential": frozenset({"location"}),
    "capacity": frozenset(CapacityStatus),
}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(slots=True)
class Attributes:
    """The attributes of Ruta's own taxonomies: code to value, per taxonomy."""

    path: str
    found: dict[str, dict[str, str | None]] = field(default_factory=lambda: defaultdict(dict))

    def codes(self, taxonomy: str) -> frozenset[str]:
        return frozenset(self.found.get(taxonomy, {}))

    def dated(self, taxonomy: str) -> dict[str, date | None]:
        values = self.found.get(taxonomy, {})
        return {
            code: parse_date(value or None, f"{self.path}.attributes({code})")
            for code, value in values.items()
        }

    def fact(self, name: str) -> str | None:
        return self.found.get("fact", {}).get(name) or None

    def fact_date(self, name: str) -> date | None:
        return parse_date(self.fact(name), f"{self.path}.attributes({name})")


def attributes(node: Node) -> Attributes:
    """Ruta's attributes of `node`; other taxonomies are left alone, an unknown code of ours is refused by name."""
    read = Attributes(node.path)
    for one in node.children("attributes"):
        term = one.child("taxonomy_term")
        taxonomy = term.optional("taxonomy") if term else None
        if term is None or taxonomy is None or not taxonomy.startswith(PREFIX):
            continue
        name, code = taxonomy.removeprefix(PREFIX), term.text("code")
        _check_code(name, code, one.path)
        read.found[name][code] = one.optional("value")
    return read


def _check_code(taxonomy: str, code: str, path: str) -> None:
    if taxonomy in LISTED:
        if code not in codes.values(LISTED[taxonomy]):
            near = ", ".join(codes.nearest(LISTED[taxonomy], code))
            raise Bad(path, "unknown_code", wrong=code, near=near)
    elif taxonomy not in CLOSED_SETS:
        raise Bad(path, "unknown_taxonomy", wrong=PREFIX + taxonomy)
    elif code not in CLOSED_SETS[taxonomy]:
        raise Bad(path, "unknown_code", wrong=code, near=", ".join(sorted(CLOSED_SETS[taxonomy])))


def openings(node: Node) -> tuple[Opening, ...]:
    """The weekly hours. Other rhythms (monthly, single dates) are shown to people and not used to decide."""
    found = set()
    for schedule in node.children("schedules"):
        if (schedule.optional("freq") or "WEEKLY") != "WEEKLY" or not schedule.optional("opens_at"):
            continue
        opens = _minutes(schedule.text("opens_at"), f"{schedule.path}.opens_at")
        closes = _minutes(schedule.text("closes_at"), f"{schedule.path}.closes_at")
        for day in (schedule.optional("byday") or ",".join(DAYS)).split(","):
            code = day.strip()[-2:]
            if code not in DAYS:
                raise Bad(f"{schedule.path}.byday", "unknown_code", wrong=day, near=", ".join(DAYS))
            found.add(Opening(DAYS.index(code), opens, closes if closes > opens else closes + 1440))
    return tuple(sorted(found, key=lambda one: (one.weekday, one.opens, one.closes)))


def _minutes(text: str, path: str) -> int:
    hours, _, rest = text.partition(":")
    try:
        found = int(hours) * 60 + int(rest[:2])
    except ValueError as error:
        raise Bad(path, "not_an_hour") from error
    if not 0 <= found <= 1440:
        raise Bad(path, "not_an_hour")
    return found


def capacity(node: Node, known: Attributes, *, now: datetime) -> Capacity:
    """Places left as the package tells them."""
    status = next(iter(known.codes("capacity")), None)
    for one in node.children("capacities"):
        available = one.number("available")
        updated = one.moment("updated") or now
        until = one.moment("valid_until") or updated + CAPACITY_BELIEVED
        counted = None if available is None else int(available)
        return Capacity(CapacityStatus(status or CapacityStatus.HAS_CAPACITY), counted, until, updated)
    return (
        Capacity() if status is None else Capacity(CapacityStatus(status), None, now + CAPACITY_BELIEVED, now)
    )


def locality_of(node: Node) -> str:
    """The code of the locality a location lies in, by its identifier or the city of its first address; may be empty."""
    if (node.optional("external_identifier_type") or "").casefold() in {"ruta-locality", "ruta:locality"}:
        code = node.text("external_identifier")
        if code not in places():
            near = ", ".join(codes.nearest("localities", code))
            raise Bad(f"{node.path}.external_identifier", "unknown_code", wrong=code, near=near)
        return code
    for address in node.children("addresses"):
        city, country = address.optional("city"), address.optional("country")
        return _by_city().get((plain(city or ""), country or ""), "")
    return ""


@cache
def _by_city() -> dict[tuple[str, str], str]:
    return {(plain(one.es), one.fact("country")): code for code, one in codes.load("localities").items()}


def plain(text: str) -> str:
    """Lower case without accents, for comparing names of cities."""
    spread = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(sign for sign in spread if not unicodedata.combining(sign))
