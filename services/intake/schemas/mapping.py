"""From a row of a form's export to an assessment document, by a small mapping file that anybody can edit.

A mapping is a CSV file with the columns `field,columns,type,values,default`:

* `field`: where the answer goes, e.g. `person.age`, `criteria`, `needs`, `not_referred`, `facts.danger_now`;
* `columns`: the column of the export; several separated by `;` are tried in turn, two joined by `+` are read together;
* `type`: `text list integer integers yes_no granted time date hours instance`;
* `values`: translations of answers, `si=yes;no=no`;
* `default`: what an empty cell means.

Nothing is corrected silently: an answer that cannot be read stays as it is, so that the schema names it.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from services.intake.schemas.assessment import AssessmentSchema
from services.intake.schemas.fields import Group
from shared import codes

COLUMNS = ("field", "columns", "type", "values", "default")
FORM_INSTANCE = uuid5(NAMESPACE_URL, "ruta:form-instance")
UTC_COLUMNS = frozenset({"_submission_time"})
"""Columns whose times are UTC although they do not say so."""
YES = frozenset({"yes", "si", "sí", "true", "1", "ok"})
NO = frozenset({"no", "false", "0"})


class MappingError(ValueError):
    """The mapping file cannot be used; the message names line and cell."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a mapping."""

    field: str
    columns: tuple[tuple[str, ...], ...]
    kind: str
    values: Mapping[str, str]
    default: str | None


class FormMapping:
    """A mapping that was read and found sound."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    def document(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The assessment document of a row (column → cell). The id is the same whenever the row comes again."""
        zone = _zone(row, self.rules)
        found: dict[str, Any] = {}
        for rule in self.rules:
            value = _answer(rule, row, zone)
            if value is not None:
                found[rule.field] = value
        found.setdefault(
            "id", str(uuid5(FORM_INSTANCE, repr(sorted((k, cell_text(v)) for k, v in row.items()))))
        )
        return _assemble(found)

    def column_of(self, field: str) -> str | None:
        """The column behind a field of a finding: `needs.2.code` stands in the column of `needs`."""
        by_field = {rule.field: " / ".join("+".join(names) for names in rule.columns) for rule in self.rules}
        parts = field.split(".")
        if parts[0] == "needs" and len(parts) > 3 and parts[2] == "facts":
            return by_field.get(f"facts.{parts[3]}")
        if parts[0] == "needs" and parts[-1] == "refer":
            return by_field.get("not_referred") or by_field.get("needs")
        while parts:
            if ".".join(parts) in by_field:
                return by_field[".".join(parts)]
            parts.pop()
        return None

    def missing_from(self, header: Sequence[str]) -> list[str]:
        """Fields that an assessment cannot do without and for which the file has no column and the mapping no
        default."""
        have = set(header)
        covered = {
            rule.field
            for rule in self.rules
            if rule.default is not None or any(set(names) <= have for names in rule.columns)
        }
        needed = ("assessed_at", "place.country", "place.locality", "consent.share", "needs")
        return [name for name in needed if name not in covered]


def parse_mapping(text: str) -> FormMapping:
    """Read a mapping file. Raises MappingError."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise MappingError(f"1: {','.join(COLUMNS)}")
    rules = [_rule(reader.line_num, line) for line in reader]
    doubled = {rule.field for rule in rules if [one.field for one in rules].count(rule.field) > 1}
    if doubled:
        raise MappingError(f"field: {', '.join(sorted(doubled))} (2x)")
    return FormMapping(rules)


def _rule(number: int, line: Mapping[str, str | None]) -> Rule:
    cells = {name: (line.get(name) or "").strip() for name in COLUMNS}
    known = known_fields()
    if cells["field"] not in known:
        near = ", ".join(difflib.get_close_matches(cells["field"], known, n=3))
        raise MappingError(f"{number}, field: «{cells['field']}» ({near or '?'})")
    kind = cells["type"] or "text"
    if kind not in READERS:
        raise MappingError(f"{number}, type: «{kind}» ({', '.join(READERS)})")
    pairs = [pair.partition("=") for pair in cells["values"].split(";") if pair.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise MappingError(f"{number}, values: «{cells['values']}» (a=b;c=d)")
    return Rule(
        cells["field"],
        tuple(tuple(one.split("+")) for one in cells["columns"].split(";") if one),
        kind,
        {left.strip(): right.strip() for left, _, right in pairs},
        cells["default"] or None,
    )


def known_fields() -> list[str]:
    """Every field a mapping may fill."""

    def below(schema: Any, prefix: str) -> Iterator[str]:
        for name, field in schema.fields.items():
            if isinstance(field, Group):
                yield from below(field.schema, f"{prefix}{name}.")
            else:
                yield prefix + name

    facts = [f"facts.{name}" for name in codes.load("need_facts")]
    return [*below(AssessmentSchema(), ""), "not_referred", *facts]


def cell_text(cell: Any) -> str:
    """A cell as the text a person sees in it; empty for none."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat()
    return str(cell).strip()


def _answer(rule: Rule, row: Mapping[str, Any], zone: str) -> Any:
    for names in rule.columns:
        cells = [cell_text(row.get(name)) for name in names]
        if all(cells):
            told = "+".join(rule.values.get(cell, cell) for cell in cells)
            as_utc = rule.kind == "time" and names[0] in UTC_COLUMNS
            return READERS[rule.kind](_translated(rule, told), "UTC" if as_utc else zone)
    return None if rule.default is None else READERS[rule.kind](rule.default, zone)


def _translated(rule: Rule, told: str) -> str:
    if rule.kind == "list" and rule.values:
        return " ".join(rule.values.get(part, part) for part in told.split())
    return told


def _zone(row: Mapping[str, Any], rules: Sequence[Rule]) -> str:
    """The time zone of the country in the row: that of times which name none."""
    for rule in rules:
        if rule.field == "place.country":
            country = codes.load("countries").get(str(_answer(rule, row, "UTC")))
            return country.fact("timezone") if country else "UTC"
    return "UTC"


def _integer(told: str, _zone: str) -> Any:
    return int(told) if told.isdecimal() and len(told) < 10 else told


def _integers(told: str, zone: str) -> list[Any]:
    return [_integer(part, zone) for part in told.replace(",", " ").split()]


def _yes_no(told: str, _zone: str) -> Any:
    lowered = told.casefold()
    return True if lowered in YES else False if lowered in NO else told


def _granted(told: str, _zone: str) -> str:
    answer = _yes_no(told, _zone)
    return {True: "granted", False: "refused"}[answer] if isinstance(answer, bool) else told


def _time(told: str, zone: str) -> str:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return told
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat()


def _date(told: str, _zone: str) -> str:
    try:
        return date.fromisoformat(told[:10]).isoformat()
    except ValueError:
        return told


def _hours(told: str, _zone: str) -> list[str]:
    return [part.strip()[:5] for part in told.replace("+", " ").replace("-", " ").split()[:2]]


def _instance(told: str, _zone: str) -> str:
    return str(uuid5(FORM_INSTANCE, told.removeprefix("uuid:")))


READERS: Mapping[str, Callable[[str, str], Any]] = {
    "text": lambda told, _zone: told,
    "list": lambda told, _zone: told.split(),
    "integer": _integer,
    "integers": _integers,
    "yes_no": _yes_no,
    "granted": _granted,
    "time": _time,
    "date": _date,
    "hours": _hours,
    "instance": _instance,
}


def _assemble(found: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted answers as the nested document; a group nobody answered is left out."""
    document: dict[str, Any] = {}
    facts = {name.removeprefix("facts."): value for name, value in found.items() if name.startswith("facts.")}
    for name, value in found.items():
        if name != "not_referred" and not name.startswith("facts."):
            _put(document, name.split("."), value)
    private = set(found.get("not_referred") or ())
    if "needs" in document:
        document["needs"] = [
            {"code": code, "refer": code not in private, "facts": _facts_of(code, facts)}
            for code in document["needs"]
        ]
    if "phone" not in document.get("safe_contact", {}):
        document.pop("safe_contact", None)
    for group in ("place", "person", "consent"):
        document.setdefault(group, {})
    if "assessed_at" in document:
        document["consent"].setdefault("obtained_at", document["assessed_at"])
    return document


def _facts_of(code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are asked about this need."""
    asked = codes.load("need_facts")
    domain = code.partition(".")[0]
    return {
        name: value for name, value in facts.items() if {code, domain} & set(asked[name].several("asked_for"))
    }


def _put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        document = document.setdefault(step, {})
    document[path[-1]] = value
