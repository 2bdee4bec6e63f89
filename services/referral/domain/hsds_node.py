"""Typed access to a JSON object that says where it is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

MESSAGES = {
    "not_an_object": ("se esperaba un objeto", "an object was expected"),
    "not_a_uuid": ("no es un UUID", "is not a UUID"),
    "missing": ("falta", "is missing"),
    "not_text": ("debe ser texto", "must be text"),
    "not_a_number": ("debe ser un número", "must be a number"),
    "not_a_time": ("no es una fecha con hora", "is not a date with time"),
    "no_offset": ("la hora no dice su zona", "the time does not say its offset"),
    "not_a_list": ("debe ser una lista", "must be a list"),
    "not_a_date": ("no es una fecha (AAAA-MM-DD)", "is not a date (YYYY-MM-DD)"),
    "not_an_hour": ("no es una hora (HH:MM)", "is not an hour (HH:MM)"),
    "unknown_code": (
        "código desconocido «{wrong}»; conocidos: {near}",
        "unknown code “{wrong}”; known: {near}",
    ),
    "unknown_taxonomy": ("taxonomía desconocida «{wrong}»", "unknown taxonomy “{wrong}”"),
    "unknown_organization": (
        "la organización {wrong} no está en el paquete o tiene errores",
        "organization {wrong} is not in the package or has errors",
    ),
    "no_service_type": (
        "falta el tipo de servicio (ruta:service_type)",
        "the kind of service is missing (ruta:service_type)",
    ),
    "no_country": (
        "no se sabe en qué país atiende: falta la localidad o el país",
        "nothing says in which country it serves: locality or country is missing",
    ),
}
"""Spanish and English sentences for whoever imports."""


class Bad(ValueError):
    """An entry cannot be read: where, and why as a key of MESSAGES with what fills it."""

    def __init__(self, path: str, code: str, **params: str) -> None:
        super().__init__(code)
        self.path = path
        self.code = code
        self.params = params


class Node:
    """A JSON object with its path; every reading that fails says where."""

    def __init__(self, raw: Any, path: str) -> None:
        if not isinstance(raw, dict):
            raise Bad(path, "not_an_object")
        self.raw: dict[str, Any] = raw
        self.path = path

    def identifier(self) -> str:
        """`id`, a UUID as HSDS wants."""
        text = self.text("id")
        try:
            return str(uuid.UUID(text))
        except ValueError as error:
            raise Bad(f"{self.path}.id", "not_a_uuid") from error

    def text(self, name: str) -> str:
        found = self.optional(name)
        if not found:
            raise Bad(f"{self.path}.{name}", "missing")
        return found

    def optional(self, name: str) -> str | None:
        found = self.raw.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            raise Bad(f"{self.path}.{name}", "not_text")
        return found.strip() or None

    def number(self, name: str) -> float | None:
        found = self.raw.get(name)
        if found is None or found == "":
            return None
        try:
            return float(found)
        except (TypeError, ValueError) as error:
            raise Bad(f"{self.path}.{name}", "not_a_number") from error

    def date(self, name: str) -> date | None:
        return parse_date(self.optional(name), f"{self.path}.{name}")

    def moment(self, name: str) -> datetime | None:
        text = self.optional(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Bad(f"{self.path}.{name}", "not_a_time") from error
        if found.tzinfo is None:
            raise Bad(f"{self.path}.{name}", "no_offset")
        return found

    def child(self, name: str) -> Node | None:
        found = self.raw.get(name)
        return None if found is None else Node(found, f"{self.path}.{name}")

    def children(self, name: str) -> Iterator[Node]:
        found = self.raw.get(name)
        if found is None:
            return
        if not isinstance(found, list):
            raise Bad(f"{self.path}.{name}", "not_a_list")
        for number, one in enumerate(found):
            yield Node(one, f"{self.path}.{name}[{number}]")


def parse_date(text: str | None, path: str) -> date | None:
    """An ISO date, also at the head of a date with time."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Bad(path, "not_a_date") from error
