"""How long each wait may last, and what happens along the way.

Hours per priority are the four clocks of the community protection pathway (acknowledge, decide, first contact,
feedback); the pathway's own table replaces the default below when it is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.referral.domain.status import WAITS, Action, Clock, Party, Situation, Status

P0, P1, P2, P3 = range(4)


@dataclass(frozen=True, slots=True)
class Limits:
    """Hours that one priority allows."""

    acknowledge: int
    decide: int
    start: int
    feedback: int
    waitlist: int = 168


DEFAULT_LIMITS: Mapping[int, Limits] = {
    P0: Limits(1, 3, 24, 24, 24),
    P1: Limits(12, 24, 24, 72, 24),
    P2: Limits(24, 72, 72, 168, 168),
    P3: Limits(72, 168, 168, 720, 720),
}
WAITING_DAYS = 30
"""A draft that waits for another step of the same person is looked at after so many days at the latest."""
ANSWER_HOURS = 24
"""A question to the focal point stops the decision clock for at most this long."""
SEARCH_DAYS = {"GBV": 30, "CP": 90}
SEARCH_DAYS_OTHERS = 14
"""How long a person who cannot be reached is looked for before somebody reviews the case."""


class MarkKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    HALF = "half"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a clock: whom it calls and, at the end of some clocks, the step the system takes."""

    kind: MarkKind
    at: datetime
    escalate_to: Party
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """What a clock needs to know. `needed_by` is when the first contact must have happened at the latest."""

    priority: int
    need_code: str
    deadline_hours: float
    needed_by: datetime
    limits: Limits
    waiting: bool = False


def due_at(
    clock: Clock, timing: Timing, *, now: datetime, appointment_at: datetime | None = None
) -> datetime:
    """When a clock that begins `now` runs out. P0 and P1 keep the moment by which help is needed; P2 and P3 count the
    first contact from the acceptance, or a day after the appointment that was given."""
    limits = timing.limits
    if clock is Clock.START:
        return _start_due(timing, now=now, appointment_at=appointment_at)
    hours: dict[Clock, float] = {
        Clock.CONFIRM: 24 * WAITING_DAYS if timing.waiting else limits.acknowledge,
        Clock.DECIDE: min(limits.decide, max(timing.deadline_hours, 1)),
        Clock.FEEDBACK: limits.feedback,
        Clock.WAITLIST: limits.waitlist,
        Clock.ANSWER: ANSWER_HOURS,
        Clock.SEARCH: 24 * SEARCH_DAYS.get(timing.need_code.split(".")[0], SEARCH_DAYS_OTHERS),
    }
    return now + timedelta(hours=hours[clock])


def _start_due(timing: Timing, *, now: datetime, appointment_at: datetime | None) -> datetime:
    if timing.priority <= P1:
        return max(timing.needed_by, now + timedelta(hours=1))
    due = now + timedelta(hours=timing.limits.start)
    return due if appointment_at is None else max(due, appointment_at + timedelta(hours=24))


def marks(here: Situation, *, since: datetime, due: datetime, acknowledge_hours: float) -> tuple[Mark, ...]:
    """The marks of the clock that runs in `here`, in the order of time, no two at the same moment."""
    wait = WAITS.get(here)
    if wait is None:
        return ()
    half = Mark(MarkKind.HALF, since + (due - since) / 2, Party.FOCAL_POINT)
    if isinstance(wait.ends, Action):
        end = Mark(MarkKind.DUE, due, Party.COORDINATOR, wait.ends)
        if wait.ends is Action.RESUME:
            return (Mark(MarkKind.DUE, due, Party.FOCAL_POINT, wait.ends),)
        found = [half, end] if half.at < due else [end]
        unseen = since + timedelta(hours=acknowledge_hours)
        if here.status is Status.REQUESTED and unseen < due and unseen != half.at:
            found.append(Mark(MarkKind.ACKNOWLEDGE, unseen, Party.FOCAL_POINT))
        return tuple(sorted(found, key=lambda mark: mark.at))
    if wait.turn is Party.FOCAL_POINT:
        return (half, Mark(MarkKind.DUE, due, Party.COORDINATOR))
    late = Mark(MarkKind.LATE, due + (due - since) / 2, Party.COORDINATOR)
    return (Mark(MarkKind.DUE, due, Party.FOCAL_POINT), late)
