"""A pathway: its tables, read once and made ready for deciding."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from services.referral.domain.clocks import Limits
from services.referral.domain.decisions import DecisionTable, load_folder, load_texts
from services.referral.domain.pathway_case import NOT_ASKED, NUMBERS, Need, answered
from shared import codes

FOLDER = Path(__file__).parents[1] / "pathways"
DEFAULT = "community"


@dataclass(frozen=True, slots=True)
class Urgency:
    """What one row of the priority table says. `window` is the length of the clinical window in hours."""

    priority: int
    deadline_hours: int
    window: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one row of the routing table says."""

    row_id: str
    service: str
    mode: str
    order: int
    consent: str
    capability: str | None
    or_else: str | None
    waits_for: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long each wait may last under one priority, and how it is counted."""

    limits: Limits
    wall_clock: bool
    by_phone: bool
    waiting_list: bool


@dataclass(frozen=True)
class Pathway:
    """The rules of one pathway. Never changes, and may be shared between threads. `version` is a hash over all that
    its tables say."""

    name: str
    tables: Mapping[str, DecisionTable]
    version: str = field(init=False)

    def __post_init__(self) -> None:
        hashes = "".join(f"{name}={table.content_hash}\n" for name, table in sorted(self.tables.items()))
        object.__setattr__(self, "version", hashlib.sha256(hashes.encode()).hexdigest()[:16])

    @classmethod
    def load(cls, name: str = DEFAULT) -> Pathway:
        """The pathway of this name as it is packaged, read once. Raises TableErrors with every mistake."""
        return _load(name)

    @classmethod
    def read(cls, folder: Path) -> Pathway:
        """The pathway that a folder holds. Raises TableErrors."""
        return cls(folder.name, load_folder(folder))

    @classmethod
    def from_texts(cls, name: str, files: Mapping[str, str]) -> Pathway:
        """The pathway that these CSV files, by file name, hold. Raises TableErrors."""
        return cls(name, load_texts(files))

    @cached_property
    def urgencies(self) -> Mapping[str, Urgency]:
        return {
            row_id: Urgency(
                level(said["priority"]), int(said["deadline_hours"]), _whole(said["window_hours"])
            )
            for row_id, said in answers(self.tables["priority"]).items()
        }

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {
            row_id: Step(row_id, **{**said, "order": int(said["order"]), "notes": said["notes"] or ()})
            for row_id, said in answers(self.tables["routing"]).items()
        }

    @cached_property
    def cautious(self) -> Mapping[str, Mapping[str, Any]]:
        """By need: what each unanswered question counts as."""
        table = self.tables["unknowns"]
        asked = [one.code for one in codes.load("need_facts").values() if one.fact("type") == "string"]
        found = {}
        for need in codes.load("needs"):
            counts: dict[str, Any] = {name: _one(table, fact=name, need=need)["assumed"] for name in asked}
            found[need] = {**counts, **dict.fromkeys(NUMBERS)}
        return found

    def assumed(self, need: Need) -> tuple[str, ...]:
        """The questions that nobody answered and that count as the cautious value."""
        known = answered(need)
        if "elapsed_hours" in known:
            known["elapsed"] = known["elapsed_hours"]
        return tuple(name for name in self.careful[need.code] if name not in known)

    @cached_property
    def careful(self) -> Mapping[str, tuple[str, ...]]:
        """By need: the questions that count as the cautious value when nobody answers them."""
        return {
            need: tuple(name for name, value in counts.items() if value not in (None, NOT_ASKED))
            for need, counts in self.cautious.items()
        }

    @cached_property
    def floors(self) -> Mapping[str, int]:
        """By row of the priority table: the lowest priority to which a person may lower it."""
        table = self.tables["floors"]
        return {row_id: level(_one(table, rule=row_id)["floor"]) for row_id in self.urgencies}

    @cached_property
    def raised(self) -> Mapping[str, int]:
        """By row of the table of modifiers: the priority it gives."""
        return {
            row_id: level(said["raised_to"]) for row_id, said in answers(self.tables["modifiers"]).items()
        }

    @cached_property
    def clocks(self) -> tuple[Clocks, ...]:
        """By priority, P0 first."""
        table = self.tables["clocks"]
        return tuple(_clocks(_one(table, priority=f"P{number}")) for number in range(4))

    @cached_property
    def consents(self) -> Mapping[tuple[str, str], str]:
        """By country and age band: whether the person consents (C1) or a caregiver with her assent (C2)."""
        table = self.tables["consent_policy"]
        return {
            (country, band): str(_one(table, **where(table, country), age_band=band)["consent"])
            for country in codes.load("countries")
            for band in codes.load("age_bands")
        }

    @cached_property
    def at_once(self) -> int:
        """How many referrals that are not urgent may run for one person at a time."""
        return int(_one(self.tables["limits"], key="non_urgent_at_once")["value"])


@cache
def packaged_files(name: str = DEFAULT) -> Mapping[str, str]:
    """The CSV files of a packaged pathway, by file name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted((FOLDER / name).glob("*.csv"))}


@cache
def _load(name: str) -> Pathway:
    return Pathway.read(FOLDER / name)


def level(text: Any) -> int:
    """`P2` as 2."""
    return int(text[1:])


def answers(table: DecisionTable) -> Mapping[str, dict[str, Any]]:
    """By row: what it answers."""
    names = [column.name for column in table.outputs]
    return {row.id: dict(zip(names, row.outputs, strict=True)) for row in table.rows}


def where(table: DecisionTable, country: str) -> dict[str, str]:
    """The country as an input, unless the table was published before it asked for one."""
    return {"country": country} if any(one.name == "country" for one in table.inputs) else {}


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _one(table: DecisionTable, **case: Any) -> dict[str, Any]:
    found = table.evaluate(case)
    if not isinstance(found, dict):
        raise LookupError(f"table {table.name} has no answer for {case}")
    return found


def _clocks(said: Mapping[str, Any]) -> Clocks:
    limits = Limits(
        acknowledge=int(said["acknowledge_hours"]),
        decide=int(said["decide_hours"]),
        start=int(said["start_hours"]),
        feedback=int(said["feedback_hours"]),
        waitlist=int(said["waitlist_hours"]),
    )
    return Clocks(limits, bool(said["wall_clock"]), bool(said["by_phone"]), bool(said["waiting_list"]))
