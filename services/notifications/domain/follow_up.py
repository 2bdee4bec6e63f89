"""When to ask how it went: the follow-up table, read strictly, and the checks it gives for one referral.

`follow_ups.csv` has one row per check. A row applies by the kind of help (`service_types`, `any`, or
`restricted` for needs whose kind is not even told to this service), by `priority` and by the moment that starts
its clock (`accepted` or `completed`). Restricted needs never get an automatic question: their rows say `call`.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from services.notifications.domain import templates

FILE: Final = Path(__file__).resolve().parent.parent / "follow_ups.csv"
COLUMNS: Final = (
    "id,applies_to,priority,starts,after_hours,mode,template,on_yes,on_no,ends_when_completed,"
    "title_es,title_en,source,review,reviewed_by,reviewed_on"
).split(",")
RESTRICTED, ANY = "restricted", "any"
AUTO, CALL = "auto", "call"
STARTS: Final = frozenset({"accepted", "completed"})


class FollowUpError(Exception):
    """A row of the table that cannot be used; the sentence names row and column."""


@dataclass(frozen=True)
class Start:
    """The moment (`accepted`, `completed`) in the life of a referral that starts clocks, and what decides which."""

    moment: str
    at: datetime
    service_type: str | None
    restricted: bool
    priority: int


@dataclass(frozen=True)
class Check:
    """One row: ask `after` the start, by machine (`auto`, with a template) or by a human (`call`)."""

    id: str
    applies_to: frozenset[str]
    priorities: frozenset[int]
    starts: str
    after: timedelta
    mode: str
    template_id: str | None
    on_yes: str | None
    on_no: str | None
    ends_when_completed: bool
    title_es: str
    title_en: str

    def applies(self, start: Start) -> bool:
        """Whether a referral gets this check. A restricted one gets only restricted rows and calls for any."""
        if self.starts != start.moment or start.priority not in self.priorities:
            return False
        if start.restricted or start.service_type is None:
            return RESTRICTED in self.applies_to or (ANY in self.applies_to and self.mode == CALL)
        return ANY in self.applies_to or start.service_type in self.applies_to


@dataclass(frozen=True)
class Planned:
    """A check with its day."""

    check: Check
    due_at: datetime


def plan(checks: Iterable[Check], start: Start) -> list[Planned]:
    """The checks that `start` sets going, by due time."""
    return sorted(
        (Planned(check, start.at + check.after) for check in checks if check.applies(start)),
        key=lambda planned: planned.due_at,
    )


@cache
def packaged(path: Path = FILE) -> Sequence[Check]:
    """The checks of the table that comes with the service."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse(csv.reader(file, strict=True))


@cache
def by_id() -> Mapping[str, Check]:
    """The same checks by their ids."""
    return {check.id: check for check in packaged()}


def parse(rows: Iterable[list[str]]) -> tuple[Check, ...]:
    """The table from its rows, header first, or `FollowUpError` for the first cell that is wrong."""
    header, *body = list(rows)
    if header != list(COLUMNS):
        raise FollowUpError(f"header: expected {','.join(COLUMNS)}")
    checks = []
    for number, cells in enumerate(body, 2):
        if len(cells) != len(COLUMNS):
            raise FollowUpError(f"row {number}: {len(COLUMNS)} columns are expected")
        checks.append(_check(number, dict(zip(COLUMNS, cells, strict=True))))
    if len({check.id for check in checks}) != len(checks):
        raise FollowUpError("two rows have the same id")
    return tuple(checks)


def _check(number: int, row: dict[str, str]) -> Check:
    try:
        hours = float(row["after_hours"])
        priorities = frozenset(int(level.removeprefix("P")) for level in row["priority"].split(";"))
    except ValueError as error:
        raise FollowUpError(f"row {number}: after_hours and priority are a number and P0 to P3") from error
    wrong = [
        name
        for name, good in {
            "id": bool(row["id"]),
            "priority": priorities <= {0, 1, 2, 3},
            "starts": row["starts"] in STARTS,
            "after_hours": hours > 0,
            "mode": row["mode"] in {AUTO, CALL},
            "template": _template_fits(row),
            "applies_to": not (RESTRICTED in row["applies_to"] and row["mode"] == AUTO),
            "ends_when_completed": row["ends_when_completed"] in {"yes", "no"},
            "review": row["review"] in {"reviewed", "unreviewed"},
        }.items()
        if not good
    ]
    if wrong:
        raise FollowUpError(f"row {number}: {wrong[0]} cannot be {row[wrong[0]]!r}")
    return Check(
        id=row["id"],
        applies_to=frozenset(row["applies_to"].split(";")),
        priorities=priorities,
        starts=row["starts"],
        after=timedelta(hours=hours),
        mode=row["mode"],
        template_id=row["template"] or None,
        on_yes=row["on_yes"] or None,
        on_no=row["on_no"] or None,
        ends_when_completed=row["ends_when_completed"] == "yes",
        title_es=row["title_es"],
        title_en=row["title_en"],
    )


def _template_fits(row: dict[str, str]) -> bool:
    asking = {templates.ERRAND, templates.INCOME, templates.FEEDBACK}
    return row["template"] in asking if row["mode"] == AUTO else not row["template"]
