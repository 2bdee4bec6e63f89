"""Checks of how it went: what a fact asks for, as this service plans it.

Which checks follow a referral is decided by the rules in force and travels on the facts; nothing is decided here but
what may never happen: nobody with a restricted need is asked by machine, and no fact leaves a person without a check
because it does not say which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from services.notifications.domain import templates

AUTO, CALL = "auto", "call"
PROVIDER: Final = "provider"
ASKING: Final = frozenset({templates.ERRAND, templates.INCOME, templates.FEEDBACK})
"""The templates whose answers say how it went."""


@dataclass(frozen=True)
class Check:
    """Ask `after` the fact, by machine (`auto`, with a template and what yes and no mean) or by a human (`call`): the
    focal point, unless `by_provider`. Of coordinators and of those who are independent of the provider the focal point
    is the one who may know whom to call and how."""

    id: str
    after: timedelta
    mode: str = CALL
    template_id: str | None = None
    outcome_if_yes: str | None = None
    outcome_if_no: str | None = None
    ends_when_completed: bool = False
    by_provider: bool = False


def plan(
    told: Sequence[Mapping[str, Any]] | None, moment: str, *, restricted: bool, otherwise: timedelta
) -> list[Check]:
    """The checks that begin with `moment` (accepted, completed). A fact of a release that did not tell any (None) is
    followed by one call, `otherwise` later."""
    if told is None:
        return [Check(f"{CALL}-{moment}", otherwise)]
    return [_by_voice(one, moment) if restricted else _check(one) for one in told]


def _by_voice(told: Mapping[str, Any], moment: str) -> Check:
    """Whatever the fact says: a call, under a name that says nothing but its hour and whether the provider makes it."""
    hours, by_provider = told["after_hours"], told.get("who") == PROVIDER
    return Check(
        id=f"{CALL}-{moment}-{hours}h" + (f"-{PROVIDER}" if by_provider else ""),
        after=timedelta(hours=hours),
        ends_when_completed=told.get("ends_when_completed") is True,
        by_provider=by_provider,
    )


def _check(told: Mapping[str, Any]) -> Check:
    """A question without a template that can ask it becomes a call."""
    template_id = told.get("template")
    asks = told.get("mode") == AUTO and template_id in ASKING
    return Check(
        id=told["id"],
        after=timedelta(hours=told["after_hours"]),
        mode=AUTO if asks else CALL,
        template_id=template_id if asks else None,
        outcome_if_yes=told.get("outcome_if_yes") if asks else None,
        outcome_if_no=told.get("outcome_if_no") if asks else None,
        ends_when_completed=told.get("ends_when_completed") is True,
        by_provider=told.get("who") == PROVIDER,
    )
