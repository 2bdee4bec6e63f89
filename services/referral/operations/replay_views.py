"""A replay as people read it, without anybody in it."""

from __future__ import annotations

from typing import Any

from services.referral.domain.replay import SMALLEST_CELL, Change, Sum, shown
from services.referral.operations.replaying import Outcome
from services.referral.operations.showing import titles_of


def shown_replay(outcome: Outcome, language: str) -> dict[str, Any]:
    """The whole result, with titles of rows in `language` (`es`, `en`)."""
    found = outcome.replay
    every = found.total()
    return {
        "cases": found.cases,
        "needs": found.needs,
        "undecided": _few(found.undecided),
        "unknown_then": _few(outcome.unknown_then),
        "differences": 0 if not found.differences else every.count,
        "more": every.more,
        "stops": outcome.stops,
        "matrix": [
            {"before": before, "after": after, **_told(told)} for before, after, told in found.moves()
        ],
        "changes": [_change(one, outcome, language) for one in found.changes()],
        "groups": [
            {"need": need, "age_band": age, "gender": gender, "count": count}
            for (need, age, gender), count in found.by_group()
        ],
        "providers": [
            {"organization_id": one.organization_id, "name": one.name, **one.changes}
            for one in outcome.effects
        ],
        "directories": {
            name: {
                **_gaps(before, after),
                "unprotected": outcome.unprotected[name] > 0,
            }
            for name, (before, after) in outcome.missing.items()
        },
    }


def _few(count: int) -> int | None:
    """A total; None when it tells of some, but too few."""
    return shown(count) if count else 0


def _gaps(before: int, after: int) -> dict[str, int | None]:
    """Both totals. Two that differ by a few would tell of those few: then the second is left out."""
    near = 0 < abs(after - before) < SMALLEST_CELL and before >= SMALLEST_CELL
    return {"gaps_before": _few(before), "gaps_after": None if near else _few(after)}


def _told(told: Sum) -> dict[str, Any]:
    return {"count": told.count, "more": told.more}


def _change(one: Change, outcome: Outcome, language: str) -> dict[str, Any]:
    need, age, gender = one.group
    live, other = outcome.rules
    return {
        "need": need,
        "age_band": age,
        "gender": gender,
        "before": one.before,
        "after": one.after,
        "details": [
            {"aspect": detail.aspect, "before": detail.before, "after": detail.after}
            for detail in one.details
        ],
        "only_before": [_row(row, live, language) for row in one.only_before],
        "only_after": [_row(row, other, language) for row in one.only_after],
        "loses_protection": one.loses_protection,
        "count": one.count,
    }


def _row(row_id: str, pathway: Any, language: str) -> dict[str, str]:
    return {"row": row_id, "title": titles_of(pathway)(row_id)[language == "en"]}
