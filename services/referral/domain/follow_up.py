"""The checks that a step of a referral sets going, as others are told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from services.referral.domain.pathway_policies import FollowUp

ACCEPTED, COMPLETED, DEADLINE = "accepted", "completed", "deadline"
CALL = "call"
FOCAL_POINT, PROVIDER = "focal_point", "provider"
MOST_HOURS = 10 * 365 * 24
"""Nobody plans further ahead, whatever was typed into a table."""


def checks_from(
    moment: str, follow_ups: Sequence[FollowUp], *, restricted: bool, hours_left: int | None = None
) -> list[dict[str, Any]]:
    """What `follow_ups` ask for from `moment` (accepted, completed) on, earliest first. `hours_left` is the time to a
    legal deadline; what counts from a deadline that nobody knows, or is over by now, is left out."""
    found: dict[str, dict[str, Any]] = {}
    for one in follow_ups:
        for number, hours in enumerate(_hours(one, moment, hours_left), 1):
            check = _hours_only(one, moment, hours) if restricted else _in_full(one, number, hours)
            same = found.setdefault(check["id"], check)
            same["ends_when_completed"] = same["ends_when_completed"] and check["ends_when_completed"]
    return sorted(found.values(), key=lambda check: check["after_hours"])


def _hours(one: FollowUp, moment: str, hours_left: int | None) -> Iterator[int]:
    if one.anchor == moment:
        start = max(one.offset_hours, 0)
    elif one.anchor == DEADLINE and moment == ACCEPTED and hours_left is not None:
        start = hours_left + one.offset_hours
    else:
        return
    times = one.times if one.every_hours else 1
    every = (start + number * (one.every_hours or 0) for number in range(times))
    yield from (min(hours, MOST_HOURS) for hours in every if hours >= 0)


def _in_full(one: FollowUp, number: int, hours: int) -> dict[str, Any]:
    return {
        "id": one.row_id if one.times == 1 else f"{one.row_id}/{number}",
        "after_hours": hours,
        "mode": one.mode,
        "template": one.template,
        "outcome_if_yes": one.outcome_if_yes,
        "outcome_if_no": one.outcome_if_no,
        "ends_when_completed": one.ends_when_completed,
        "who": one.who,
    }


def _hours_only(one: FollowUp, moment: str, hours: int) -> dict[str, Any]:
    """For a restricted need: a row, a question or an outcome would tell which. Who calls is told, or a survivor would
    be called by others than her case worker; only whether it is the provider."""
    by_provider = one.who == PROVIDER
    return {
        "id": f"{CALL}-{moment}-{hours}h" + (f"-{PROVIDER}" if by_provider else ""),
        "after_hours": hours,
        "mode": CALL,
        "ends_when_completed": one.ends_when_completed,
        "who": PROVIDER if by_provider else FOCAL_POINT,
    }
