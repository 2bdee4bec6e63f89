"""What else a pathway says: when to ask how it went, who must be told by law, who consents, which permits are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.referral.domain.pathway_tables import Pathway, answers
from shared import codes

OF_ANOTHER_COUNTRY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One check. `offset_hours` counts from the `anchor` (accepted, completed or deadline; negative is before it) to
    the first time; it comes back every `every_hours`, `times` times in all. `mode` is `auto` (a message may do, with
    consent and a safe contact) or `call` (a human). The outcomes are what a yes or a no to the message means."""

    row_id: str
    check: str
    offset_hours: int
    every_hours: int | None
    times: int
    anchor: str
    mode: str
    who: str
    template: str | None
    outcome_if_yes: str | None
    outcome_if_no: str | None
    ends_when_completed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty to report: `must_report` is yes, no or ask (counsel). The system shows and records it, and never reports
    by itself. `reviewed` says whether somebody signed the legal row."""

    row_id: str
    must_report: str
    to_whom: str | None
    within_hours: int | None
    legal_basis: str | None
    told_before: bool
    reviewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitState:
    """Whether a permit could be applied for on a day: open, closed, or ask somebody who knows."""

    row_id: str
    permit: str
    state: str
    note_es: str
    note_en: str


def follow_ups(pathway: Pathway, *, need: str, priority: int) -> tuple[FollowUp, ...]:
    """The checks that follow a referral for `need`, earliest first, each once for everybody who asks."""
    case = {"domain": codes.load("needs")[need].fact("domain"), "need": need, "priority": f"P{priority}"}
    found = [_follow_up(row_id, said) for row_id, said in _rows(pathway, "follow_up", case)]
    once = {(check.check, check.anchor, check.who): check for check in reversed(found)}
    return tuple(sorted(once.values(), key=lambda check: (check.anchor, check.offset_hours, check.row_id)))


def _follow_up(row_id: str, said: Mapping[str, Any]) -> FollowUp:
    """A version that was published before the table said what answers mean: the packaged row of this id says it."""
    meant = said if "outcome_if_yes" in said else answers(Pathway.load().tables["follow_up"]).get(row_id, {})
    return FollowUp(
        row_id=row_id,
        check=said["check"],
        offset_hours=int(said["offset_hours"]),
        every_hours=None if said["every_hours"] is None else int(said["every_hours"]),
        times=int(said["times"]),
        anchor=said["anchor"],
        mode=said["mode"],
        who=said["who"],
        template=said["template"],
        outcome_if_yes=meant.get("outcome_if_yes"),
        outcome_if_no=meant.get("outcome_if_no"),
        ends_when_completed=meant.get("ends_when_completed") == "yes",
    )


def duties(pathway: Pathway, *, country: str, age_band: str, need: str, reporter: str) -> tuple[Duty, ...]:
    """What the law asks of a `reporter` (public_servant, health_or_education, other_professional, anyone)."""
    case = {"country": country, "age_band": age_band, "need": need, "reporter": reporter}
    table = pathway.tables["reporting_policy"]
    return tuple(
        Duty(
            row_id=row_id,
            must_report=said["must_report"],
            to_whom=said["to_whom"],
            within_hours=None if said["within_hours"] is None else int(said["within_hours"]),
            legal_basis=said["legal_basis"],
            told_before=said["told_before"] == "yes",
            reviewed=table.row(row_id).annotations["review"] == "reviewed",
        )
        for row_id, said in _rows(pathway, "reporting_policy", case)
    )


def permits(pathway: Pathway, *, country: str, on: date) -> tuple[PermitState, ...]:
    """The permits of a country as they stood on a day."""
    table = pathway.tables["permit_windows"]
    names = next(column.values for column in table.inputs if column.name == "permit")
    return tuple(
        PermitState(row_id=row_id, permit=permit, **said)
        for permit in names
        for row_id, said in _rows(pathway, "permit_windows", {"country": country, "permit": permit, "on": on})
        if said["state"] != OF_ANOTHER_COUNTRY
    )


def _rows(pathway: Pathway, table: str, case: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    explained = pathway.tables[table].explain(case)
    found = explained.result if isinstance(explained.result, list) else [explained.result]
    return [
        (row_id, dict(said))
        for row_id, said in zip(explained.deciding, found, strict=False)
        if said is not None
    ]
