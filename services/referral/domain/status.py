"""The life of a referral: which steps exist, who may take them, whose turn comes next, which clock runs.

Statuses carry the names of FHIR Task; the detail is a coded reason. `NEXT` is the only place that allows a
step. When this module is imported it proves that no referral can fall silent: every situation that is not an
end has an owner and a finite clock, every clock ends in another status or with a person, and no chain of
clocks runs in a circle without a human (community protection pathway, referral state machine).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shared import codes


class Status(StrEnum):
    DRAFT = "draft"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Action(StrEnum):
    CONFIRM = "confirm"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    REJECT = "reject"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"
    EXPIRE = "expire"
    FAIL = "fail"


class Party(StrEnum):
    """Who takes a step or is waited for. `SYSTEM` never accepts, rejects or completes."""

    PROVIDER = "provider"
    FOCAL_POINT = "focal_point"
    COORDINATOR = "coordinator"
    SYSTEM = "system"
    NONE = "none"


class Clock(StrEnum):
    """What a referral waits for. The first four have a limit per priority in the pathway."""

    CONFIRM = "confirm"
    DECIDE = "decide"
    START = "start"
    FEEDBACK = "feedback"
    WAITLIST = "waitlist"
    ANSWER = "answer"
    SEARCH = "search"


class Guard(StrEnum):
    """What else must hold for a step; checked by `referral.step`."""

    NOT_URGENT_TO_HOLD = "not_urgent_to_hold"
    TRIED_TO_CONTACT = "tried_to_contact"
    OUTCOME_GIVEN = "outcome_given"
    WAITED = "waited"


WAITLISTED, INFO_REQUESTED, NO_CONTACT = "waitlisted", "info_requested", "no_contact"
EXPIRED, UNDELIVERABLE, CONSENT_WITHDRAWN = "expired", "undeliverable", "consent_withdrawn"
HOLD_REASONS = codes.values("hold_reasons")
FAIL_REASONS = frozenset({EXPIRED, UNDELIVERABLE})
CANCEL_REASONS = codes.values("cancel_reasons") - {CONSENT_WITHDRAWN}
REJECT_REASONS = codes.values("rejection_reasons")
NOT_REROUTED = frozenset(
    reason.code for reason in codes.load("rejection_reasons").values() if not reason.is_true("try_next")
)
"""Rejections after which nobody else is asked: the person said no, has the help already, or facts are missing."""

TERMINAL = frozenset({Status.REJECTED, Status.COMPLETED, Status.CANCELLED, Status.FAILED})
OPEN = frozenset(Status) - TERMINAL
VISIBLE_TO_PROVIDER = frozenset(Status) - {Status.DRAFT, Status.CANCELLED, Status.FAILED}
SHARED_WITH_PROVIDER = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD})
"""Where the provider may ask intake for what the person agreed to share."""


class Situation(NamedTuple):
    """A status, with the reason when the reason changes whose turn it is (`on_hold` alone)."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Where an action leads. `to` is None when it leads back to where the hold began."""

    to: Status | None
    who: frozenset[Party]
    reasons: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()


_P, _F, _C, _S = Party.PROVIDER, Party.FOCAL_POINT, Party.COORDINATOR, Party.SYSTEM
HELD_FOR_DECISION = frozenset({WAITLISTED, INFO_REQUESTED})
_WAITING = (
    Situation(Status.ON_HOLD, WAITLISTED),
    Situation(Status.ON_HOLD, INFO_REQUESTED),
    Situation(Status.ON_HOLD, NO_CONTACT),
)


def _may(*who: Party) -> frozenset[Party]:
    return frozenset(who)


_CANCEL = Step(Status.CANCELLED, _may(_F, _C, _S), CANCEL_REASONS | {CONSENT_WITHDRAWN})
_ACCEPT = Step(Status.ACCEPTED, _may(_P))
_REJECT = Step(Status.REJECTED, _may(_P), REJECT_REASONS)
_FAIL = Step(Status.FAILED, _may(_S), frozenset({UNDELIVERABLE}))
_EXPIRE = Step(Status.FAILED, _may(_S), frozenset({EXPIRED}))
_COMPLETE = Step(Status.COMPLETED, _may(_P, _F), guards=(Guard.OUTCOME_GIVEN,))
_HOLD_DECISION = Step(Status.ON_HOLD, _may(_P), HELD_FOR_DECISION, (Guard.NOT_URGENT_TO_HOLD,))
_HOLD_CONTACT = Step(Status.ON_HOLD, _may(_P), frozenset({NO_CONTACT}), (Guard.TRIED_TO_CONTACT,))
_DECIDING = {
    Action.ACCEPT: _ACCEPT,
    Action.REJECT: _REJECT,
    Action.HOLD: _HOLD_DECISION,
    Action.CANCEL: _CANCEL,
    Action.EXPIRE: _EXPIRE,
    Action.FAIL: _FAIL,
}

NEXT: Mapping[Situation, Mapping[Action, Step]] = {
    Situation(Status.DRAFT): {
        Action.CONFIRM: Step(Status.REQUESTED, _may(_F, _C, _S), guards=(Guard.WAITED,)),
        Action.CANCEL: _CANCEL,
    },
    Situation(Status.REQUESTED): {Action.ACKNOWLEDGE: Step(Status.RECEIVED, _may(_P)), **_DECIDING},
    Situation(Status.RECEIVED): _DECIDING,
    Situation(Status.ACCEPTED): {
        Action.START: Step(Status.IN_PROGRESS, _may(_P)),
        Action.HOLD: _HOLD_CONTACT,
        Action.COMPLETE: _COMPLETE,
        Action.CANCEL: _CANCEL,
    },
    Situation(Status.IN_PROGRESS): {
        Action.HOLD: _HOLD_CONTACT,
        Action.COMPLETE: _COMPLETE,
        Action.CANCEL: _CANCEL,
    },
    Situation(Status.ON_HOLD, WAITLISTED): {
        Action.ACCEPT: _ACCEPT,
        Action.REJECT: _REJECT,
        Action.CANCEL: _CANCEL,
        Action.EXPIRE: _EXPIRE,
    },
    Situation(Status.ON_HOLD, INFO_REQUESTED): {
        Action.RESUME: Step(Status.RECEIVED, _may(_F, _P, _S)),
        Action.ACCEPT: _ACCEPT,
        Action.REJECT: _REJECT,
        Action.CANCEL: _CANCEL,
    },
    Situation(Status.ON_HOLD, NO_CONTACT): {
        Action.RESUME: Step(None, _may(_F, _P)),
        Action.COMPLETE: _COMPLETE,
        Action.CANCEL: _CANCEL,
    },
    **{Situation(status): {} for status in TERMINAL},
}


@dataclass(frozen=True, slots=True)
class Wait:
    """Whose turn a situation is, the clock that runs, and where the clock ends: an action or a person."""

    turn: Party
    clock: Clock
    ends: Action | Party


WAITS: Mapping[Situation, Wait] = {
    Situation(Status.DRAFT): Wait(_F, Clock.CONFIRM, _C),
    Situation(Status.REQUESTED): Wait(_P, Clock.DECIDE, Action.EXPIRE),
    Situation(Status.RECEIVED): Wait(_P, Clock.DECIDE, Action.EXPIRE),
    Situation(Status.ACCEPTED): Wait(_P, Clock.START, _C),
    Situation(Status.IN_PROGRESS): Wait(_P, Clock.FEEDBACK, _C),
    Situation(Status.ON_HOLD, WAITLISTED): Wait(_P, Clock.WAITLIST, Action.EXPIRE),
    Situation(Status.ON_HOLD, INFO_REQUESTED): Wait(_F, Clock.ANSWER, Action.RESUME),
    Situation(Status.ON_HOLD, NO_CONTACT): Wait(_F, Clock.SEARCH, _C),
}


def situation(status: Status, reason: str | None) -> Situation:
    """The situation of a referral with this status and reason."""
    return Situation(status, reason if status is Status.ON_HOLD else None)


def allowed(here: Situation, party: Party) -> tuple[Action, ...]:
    """The actions `party` may take now, in the order of `Action`."""
    return tuple(action for action in Action if action in NEXT[here] and party in NEXT[here][action].who)


def faults(nexts: Mapping[Situation, Mapping[Action, Step]], waits: Mapping[Situation, Wait]) -> list[str]:
    """What could let a referral fall silent under these tables; empty when nothing can."""
    found = [f"{here}: no steps are written down" for here in _every_situation() if here not in nexts]
    found += [f"{here}: nobody is waited for" for here in nexts if nexts[here] and here not in waits]
    found += [f"{here}: an end has a clock" for here in waits if not nexts.get(here)]
    for here, wait in waits.items():
        if wait.turn not in {_P, _F, _C}:
            found.append(f"{here}: its turn belongs to no person")
        if isinstance(wait.ends, Action) and not _system_may(nexts, here, wait.ends):
            found.append(f"{here}: its clock ends in {wait.ends}, which the system may not do")
        if isinstance(wait.ends, Party) and wait.ends not in {_F, _C}:
            found.append(f"{here}: its clock ends with nobody")
        if _clock_circle(nexts, waits, here):
            found.append(f"{here}: clocks can run in a circle without a human")
    return found


def _every_situation() -> tuple[Situation, ...]:
    return (*(Situation(status) for status in Status if status is not Status.ON_HOLD), *_WAITING)


def _system_may(nexts: Mapping[Situation, Mapping[Action, Step]], here: Situation, action: Action) -> bool:
    step = nexts.get(here, {}).get(action)
    return step is not None and _S in step.who and step.to is not None


def _clock_circle(
    nexts: Mapping[Situation, Mapping[Action, Step]], waits: Mapping[Situation, Wait], start: Situation
) -> bool:
    seen, here = {start}, start
    while here in waits and isinstance(ends := waits[here].ends, Action):
        step = nexts.get(here, {}).get(ends)
        if step is None or step.to is None:
            return False
        here = Situation(step.to)
        if here in seen:
            return True
        seen.add(here)
    return False


if _faults := faults(NEXT, WAITS):
    raise RuntimeError("A referral could fall silent: " + "; ".join(_faults))
