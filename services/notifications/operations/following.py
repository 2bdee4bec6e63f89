"""Ask how it went, when it is time: by template where the check allows it, by a call everywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from services.notifications.domain import follow_up, slots
from services.notifications.domain.notification import WAITING, Audience, Status
from services.notifications.operations import calling, facts
from services.notifications.store import calls, checks, outbox
from shared.clock import rfc3339
from shared.failpoints import reach
from shared.ids import new_id

BATCH: Final = 200
TRIES: Final = 3
BETWEEN_TRIES_DAYS: Final = 2
MATTERS: Final = timedelta(days=7)
ON_ITS_WAY: Final = WAITING | {Status.SENDING}
REACHED: Final = frozenset({Status.SENT, Status.DELIVERED})


def ask_due(conn: Connection, *, now: datetime, day: timedelta) -> int:
    """Take the due checks one step further, and the calls that providers did not make to the focal points. How many
    there were.

    An unanswered question is asked three times, on different days, then a human calls. A message that no machine
    could deliver has already opened its call: the check ends there. `day` is how long a day of a check lasts.
    """
    late = calling.hand_on_late(conn, now=now, batch=BATCH)
    due = checks.claim(conn, now=now, batch=BATCH)
    reach("clock.after_claim")
    asks, steps, to_call = [], [], []
    for row in due:
        step, ask, call = _step(row, now=now, day=day)
        steps.append(step)
        asks += ask
        to_call += call
    checks.advance(conn, steps)
    outbox.add(conn, asks)
    facts.request_calls(conn, to_call, now=now)
    reach("clock.before_commit")
    return late + len(due)


def oldest_due(conn: Connection, now: datetime) -> float | None:
    """Seconds the oldest due check, or call that its provider did not make in time, has waited, or None."""
    ages = [age for age in (checks.oldest_due(conn, now), calls.oldest_late(conn, now)) if age is not None]
    return max(ages, default=None)


def _step(
    row: Row[Any], *, now: datetime, day: timedelta
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    if row.mode == follow_up.CALL or row.template_id is None:
        return _to(row, "called"), [], [_call(row, calls.FOLLOW_UP, now)]
    last = Status(row.last_status) if row.last_status else None
    if last in ON_ITS_WAY:
        return _to(row, "asked", due_at=now + day), [], []
    if last is not None and last not in REACHED:
        return _to(row, "called"), [], []
    if row.tries >= TRIES:
        return _to(row, "called"), [], [_call(row, "no_answer", now)]
    step = _to(row, "asked", tried=1, due_at=now + day * BETWEEN_TRIES_DAYS)
    return step, [_question(row, row.template_id, now)], []


def _call(row: Row[Any], reason: str, now: datetime) -> dict[str, Any]:
    """Of the provider's people where the rules say so, else of the focal point."""
    if row.organization_id is None:
        return facts.call_row(row, reason=reason, now=now)
    theirs = facts.call_row(row, reason=calls.BY_PROVIDER, now=now)
    return theirs | {"organization_id": row.organization_id}


def _to(row: Row[Any], state: str, *, tried: int = 0, due_at: datetime | None = None) -> dict[str, Any]:
    return {"id": row.id, "state": state, "tried": tried, "due_at": due_at}


def _question(row: Row[Any], template_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "dedupe_key": f"{template_id}/{row.id}/{row.tries + 1}",
        "audience": Audience.PERSON.value,
        "template_id": template_id,
        "variables": {"moment": rfc3339(now), "reference": slots.reference(row.assessment_id)},
        "assessment_id": row.assessment_id,
        "referral_id": row.referral_id,
        "person_id": row.person_id,
        "focal_point_id": row.focal_point_id,
        "follow_up_id": row.id,
        "sensitivity": row.sensitivity,
        "priority": row.priority,
        "due_at": rfc3339(now),
        "expires_at": rfc3339(now + MATTERS),
        "correlation_id": row.correlation_id,
    }
