"""The small print of HSDS: typed access to a JSON object, attributes, opening hours, places left, localities."""

from __future__ import annotations

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from services.referral.domain.directory import CAPACITY_BELIEVED, Capacity, CapacityStatus, Opening
from services.referral.domain.geography import places
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


class Bad(ValueError):
    """An entry cannot be read: where, and why in a sentence."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


class Node:
    """A JSON object with its path; every reading that fails says where."""

    def __init__(self, raw: Any, path: str) -> None:
        if not isinstance(raw, dict):
            raise Bad(path, "se esperaba un objeto")
        self.raw: dict[str, Any] = raw
        self.path = path

    def identifier(self) -> str:
        """`id`, a UUID as HSDS wants."""
        text = self.text("id")
        try:
            return str(uuid.UUID(text))
        except ValueError as error:
            raise Bad(f"{self.path}.id", "no es un UUID") from error

    def text(self, name: str) -> str:
        found = self.optional(name)
        if not found:
            raise Bad(f"{self.path}.{name}", "falta")
        return found

    def optional(self, name: str) -> str | None:
        found = self.raw.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            raise Bad(f"{self.path}.{name}", "debe ser texto")
        return found.strip() or None

    def number(self, name: str) -> float | None:
        found = self.raw.get(name)
        if found is None or found == "":
            return None
        try:
            return float(found)
        except (TypeError, ValueError) as error:
            raise Bad(f"{self.path}.{name}", "debe ser un número") from error

    def date(self, name: str) -> date | None:
        return parse_date(self.optional(name), f"{self.path}.{name}")

    def moment(self, name: str) -> datetime | None:
        text = self.optional(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Bad(f"{self.path}.{name}", "no es una fecha con hora") from error
        if found.tzinfo is None:
            raise Bad(f"{self.path}.{name}", "la hora no dice su zona")
        return found

    def child(self, name: str) -> Node | None:
        found = self.raw.get(name)
        return None if found is None else Node(found, f"{self.path}.{name}")

    def children(self, name: str) -> Iterator[Node]:
        found = self.raw.get(name)
        if found is None:
            return
        if not isinstance(found, list):
            raise Bad(f"{self.path}.{name}", "debe ser una lista")
        for number, one in enumerate(found):
            yield Node(one, f"{self.path}.{name}[{number}]")


def parse_date(text: str | None, path: str) -> date | None:
    """An ISO date, also at the head of a date with time."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Bad(path, "no es una fecha (AAAA-MM-DD)") from error


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
            raise Bad(path, f"código desconocido {code!r}" + (f"; parecidos: {near}" if near else ""))
    elif taxonomy not in CLOSED_SETS:
        raise Bad(path, f"taxonomía desconocida {PREFIX}{taxonomy}")
    elif code not in CLOSED_SETS[taxonomy]:
        raise Bad(path, f"código desconocido {code!r}; posibles: {', '.join(sorted(CLOSED_SETS[taxonomy]))}")


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
                raise Bad(f"{schedule.path}.byday", f"día desconocido {day!r}")
            found.add(Opening(DAYS.index(code), opens, closes if closes > opens else closes + 1440))
    return tuple(sorted(found, key=lambda one: (one.weekday, one.opens, one.closes)))


def _minutes(text: str, path: str) -> int:
    hours, _, rest = text.partition(":")
    try:
        found = int(hours) * 60 + int(rest[:2])
    except ValueError as error:
        raise Bad(path, "no es una hora (HH:MM)") from error
    if not 0 <= found <= 1440:
        raise Bad(path, "no es una hora (HH:MM)")
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
            raise Bad(
                f"{node.path}.external_identifier", f"localidad desconocida {code!r}; parecidas: {near}"
            )
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
