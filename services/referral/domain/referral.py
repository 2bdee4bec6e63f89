"""A referral and the steps it takes. Plain data in, plain data and a fact out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.referral.domain import facts
from services.referral.domain.clocks import (
    ANSWER_HOURS,
    P1,
    Mark,
    Timing,
    due_at,
    marks,
)
from services.referral.domain.record import Referral
from services.referral.domain.status import (
    INFO_REQUESTED,
    NEXT,
    TERMINAL,
    WAITS,
    Action,
    Guard,
    Party,
    Situation,
    Status,
    Step,
    allowed,
)
from shared import codes
from shared.errors import Conflict, FieldError, Invalid
from shared.events.referral import ReferralClockMissed, ReferralFact

CONTACT_TRIES = 3
"""Tries on the safe contact before a person counts as out of reach."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says with a step. `contact_attempts` counts tries on the safe contact; `note` is asked for by the
    few reasons that need words, stays between the two organizations and is never published."""

    reason: str | None = None
    outcome: str | None = None
    appointment_at: datetime | None = None
    contact_attempts: int = 0
    note: str | None = None


class IllegalStep(Conflict):
    """The step does not exist from here, or is not this party's. `extra["allowed"]` lists what is."""

    code = "illegal_step"


class StaleVersion(Conflict):
    """Somebody else moved the referral since it was read."""

    code = "stale_version"


def begin(*, now: datetime, **fields: Any) -> Referral:
    """A new referral in `draft` or `requested`, its clock running since `now`. `fields` are those of Referral but the
    times that the clock sets."""
    wait = WAITS[Situation(fields["status"])]
    route = fields["route"]
    waiting = fields["status"] is Status.DRAFT and bool(route.get("waits_for") or route.get("deferred"))
    timing = Timing(
        fields["priority"],
        fields["need_code"],
        fields["deadline_hours"],
        fields["needed_by"],
        fields["limits"],
        waiting,
    )
    return Referral(
        **fields,
        turn=wait.turn,
        due_at=due_at(wait.clock, timing, now=now),
        created_at=now,
        changed_at=now,
        since=now,
        marked=now,
    )


def step(
    referral: Referral, action: Action, party: Party, now: datetime, answer: Answer | None = None
) -> tuple[Referral, ReferralFact]:
    """Take one step. Raises IllegalStep (409, with what is allowed) or Invalid (422, by field)."""
    answer = answer or Answer()
    rule = NEXT[referral.situation].get(action)
    if rule is None or party not in rule.who or _only_for_people(referral, rule, party):
        raise IllegalStep(
            "Este paso no es posible ahora.",
            extra={
                "allowed": [str(one) for one in allowed(referral.situation, party)],
                "referral_status": str(referral.status),
            },
        )
    _check(referral, rule, answer)
    moved = _moved(referral, action, rule, answer, now)
    return moved, facts.of(moved)


def check_version(referral: Referral, expected: int) -> None:
    """Refuse a step made on an old view. Clocks and the receipt that somebody has seen it do not count as changes."""
    if not referral.settled <= expected <= referral.version:
        raise StaleVersion(
            "La derivación cambió mientras la revisaba. Vuelva a cargarla.",
            extra={"version": referral.version, "referral_status": str(referral.status)},
        )


def next_mark(referral: Referral) -> Mark | None:
    """The next moment at which the referral's clock calls somebody; None when a person holds it already."""
    if referral.due_at is None:
        return None
    hours = referral.limits.acknowledge
    every = marks(referral.situation, since=referral.since, due=referral.due_at, acknowledge_hours=hours)
    return next((mark for mark in every if mark.at > referral.marked), None)


def miss(referral: Referral, mark: Mark, *, now: datetime) -> tuple[Referral, ReferralClockMissed]:
    """A mark has passed: somebody must act now. The status stays; a coordinator's turn lasts until the next step."""
    turn = Party.COORDINATOR if mark.escalate_to is Party.COORDINATOR else referral.turn
    moved = replace(
        referral,
        version=referral.version + 1,
        marked=mark.at,
        turn=turn,
        escalated_to=mark.escalate_to,
        escalated_at=now,
        changed_at=now,
    )
    clock = WAITS[referral.situation].clock
    return moved, facts.clock_missed(moved, clock=f"{clock}_{mark.kind}", escalate_to=str(mark.escalate_to))


def _only_for_people(referral: Referral, rule: Step, party: Party) -> bool:
    """The system sends what waited for another step; a notice to an authority is sent by a person alone."""
    return Guard.WAITED in rule.guards and party is Party.SYSTEM and not referral.waiting


def _check(referral: Referral, rule: Step, answer: Answer) -> None:
    if rule.reasons and answer.reason not in rule.reasons:
        raise _invalid("reason", FieldError("unknown_reason", "Elija un motivo de la lista."))
    if rule.to is Status.REJECTED and _needs_words(answer):
        raise _invalid(
            "note", FieldError("missing_note", "Explique brevemente el motivo, sin datos de la persona.")
        )
    if Guard.OUTCOME_GIVEN in rule.guards and not answer.outcome:
        raise _invalid(
            "outcome", FieldError("missing_outcome", "Indique con qué resultado terminó la atención.")
        )
    if Guard.TRIED_TO_CONTACT in rule.guards and answer.contact_attempts < CONTACT_TRIES:
        raise _invalid(
            "contact_attempts",
            FieldError(
                "too_few_attempts",
                "Antes de marcar «sin contacto» haga tres intentos por el medio seguro.",
            ),
        )
    if Guard.NOT_URGENT_TO_HOLD in rule.guards and _too_urgent(referral, answer):
        raise Conflict(
            "Una derivación urgente no puede esperar: acéptela o indique que no puede.",
            code="urgent_cannot_wait",
            extra={"allowed": [str(Action.ACCEPT), str(Action.REJECT)]},
        )


def _needs_words(answer: Answer) -> bool:
    return codes.load("rejection_reasons")[str(answer.reason)].is_true("text_required") and not answer.note


def _too_urgent(referral: Referral, answer: Answer) -> bool:
    may_wait = codes.load("hold_reasons")[str(answer.reason)].is_true("allowed_p0_p1")
    return referral.priority <= P1 and not may_wait


def _invalid(field: str, error: FieldError) -> Invalid:
    return Invalid(error.message, fields={field: [error]})


def _moved(referral: Referral, action: Action, rule: Step, answer: Answer, now: datetime) -> Referral:
    to = rule.to or referral.held_from or Status.ACCEPTED
    version = referral.version + 1
    moved = replace(
        referral,
        status=to,
        reason=answer.reason if rule.reasons else None,
        version=version,
        settled=referral.settled if action is Action.ACKNOWLEDGE else version,
        held_from=referral.status if to is Status.ON_HOLD else None,
        appointment_at=answer.appointment_at or referral.appointment_at,
        outcome=answer.outcome if to is Status.COMPLETED else referral.outcome,
        changed_at=now,
    )
    if action is Action.ACKNOWLEDGE:
        return moved
    moved = replace(moved, escalated_to=None, escalated_at=None) if action is not Action.EXPIRE else moved
    if action is Action.RESUME and to is Status.RECEIVED:
        return _resumed(referral, moved, now)
    entered = _enter(moved, now=now)
    if entered.situation != Situation(Status.ON_HOLD, INFO_REQUESTED):
        return replace(entered, decide_due=None, decide_since=None)
    return _asked(referral, entered)


def _asked(before: Referral, entered: Referral) -> Referral:
    """A question was asked. For P0 and P1 the decision clock does not stop, so the answer is due before it."""
    due = entered.due_at
    if entered.priority <= P1 and before.due_at and due:
        due = min(before.due_at, due)
    return replace(entered, due_at=due, decide_due=before.due_at, decide_since=before.since)


def _resumed(before: Referral, moved: Referral, now: datetime) -> Referral:
    """Back to deciding: the clock goes on where it stood, later by the pause, once and for at most 24 hours."""
    runs_on = before.paused or before.priority <= P1
    pause = timedelta(0) if runs_on else min(now - before.since, timedelta(hours=ANSWER_HOURS))
    due = (before.decide_due or now) + pause
    return replace(
        moved,
        since=before.decide_since or now,
        due_at=max(due, now),
        marked=now - timedelta(microseconds=1) if due <= now else now,
        decide_due=None,
        decide_since=None,
        paused=True,
        turn=Party.PROVIDER,
    )


def _enter(referral: Referral, *, now: datetime) -> Referral:
    """Start the clock of the referral's situation, or stop it at an end."""
    if referral.status in TERMINAL:
        return replace(referral, turn=Party.NONE, due_at=None, since=now, marked=now)
    wait = WAITS[referral.situation]
    timing = Timing(
        referral.priority,
        referral.need_code,
        referral.deadline_hours,
        referral.needed_by,
        referral.limits,
        referral.waiting,
    )
    due = due_at(wait.clock, timing, now=now, appointment_at=referral.appointment_at)
    return replace(referral, turn=wait.turn, due_at=due, since=now, marked=now)
