"""What became of each need, as the focal point sees it: fed by events, newest version wins.

The words are FHIR Task's; the steps are those a person can follow: sent, seen, accepted, met, done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

STEPS = ("registered", "requested", "received", "accepted", "in_progress", "completed")
"""The line on which a need travels, from the assessment to the end of the help."""

STEP_OF_STATUS = {
    "draft": 0,
    "requested": 1,
    "received": 2,
    "on_hold": 2,
    "accepted": 3,
    "in_progress": 4,
    "completed": 5,
}
STOPPED = frozenset({"rejected", "cancelled", "failed"})
"""Ended without help."""

NOT_SHARED, WITHDRAWN, ROUTING, GAP, STOPPED_STATE = "not_shared", "withdrawn", "routing", "gap", "stopped"
TOGETHER = "together"
"""The case is routed and this need got nothing of its own: another need's referral brings the same help."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as events last told of it. `turn`: who has to act, by `due_at`."""

    referral_id: str
    need_id: str
    organization_id: str | None
    service_id: str | None
    service_type: str | None
    priority: int
    status: str
    reason: str | None
    turn: str
    due_at: datetime | None
    predecessor_id: str | None
    appointment_at: datetime | None
    outcome: str | None
    missed_clock: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.turn != "none" and self.status not in STOPPED and self.status != "completed"


@dataclass(frozen=True, slots=True)
class NeedRecord:
    """A need as it is stored. `shared`: consent or an override covers it; `withdrawn`: it did once."""

    id: str
    code: str
    restricted: bool
    refer: bool
    shared: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a need has come: its state, the step reached on STEPS, and what is waited for."""

    state: str
    step: int
    priority: int | None
    turn: str
    due_at: datetime | None


def progress(
    need: NeedRecord, referrals: Sequence[Referral], *, has_gap: bool, case_is_routed: bool = False
) -> Progress:
    """The state of one need from its referrals.

    The furthest referral that goes on counts; among equals the one whose clock runs out first is waited for.
    Without any that goes on: a gap, then a stop, then `routing` (handed on, nothing heard yet) or, when the case's
    other needs were heard of, `together`.
    """
    priority = min((referral.priority for referral in referrals), default=None)
    going = [referral for referral in referrals if referral.status not in STOPPED]
    if going:
        best = max(going, key=lambda one: STEP_OF_STATUS.get(one.status, 0))
        waited = _waited_for(going)
        turn, due = (waited.turn, waited.due_at) if waited else ("none", None)
        return Progress(best.status, STEP_OF_STATUS.get(best.status, 0), priority, turn, due)
    state = _state_without_help(need, referrals, has_gap=has_gap)
    if state == ROUTING and case_is_routed:
        state = TOGETHER
    return Progress(state, 0, priority, "none", None)


def _state_without_help(need: NeedRecord, referrals: Sequence[Referral], *, has_gap: bool) -> str:
    if need.withdrawn:
        return WITHDRAWN
    if has_gap:
        return GAP
    if referrals:
        return STOPPED_STATE
    return ROUTING if need.refer and need.shared else NOT_SHARED


def _waited_for(referrals: Sequence[Referral]) -> Referral | None:
    """Of those still open the one whose clock runs out first; one without a clock comes last."""
    open_ones = [referral for referral in referrals if referral.is_open]
    return min(
        open_ones,
        key=lambda one: (one.due_at is None, one.due_at.timestamp() if one.due_at else 0.0),
        default=None,
    )
