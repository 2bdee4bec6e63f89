"""What became of attempts: receipts at once, delivery reports later, and attempts whose worker died."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from services.notifications.domain.delivery import End, from_report, judge
from services.notifications.domain.notification import Audience, Status, after_report
from services.notifications.operations import facts
from services.notifications.store import answers, limits, outbox, reading
from shared.failpoints import reach

CERTAINLY_NOT_SENT: Final = frozenset({End.TEMPORARY, End.PERMANENT, End.UNAVAILABLE})
KEEP_TEXTS: Final = timedelta(days=90)
BATCH: Final = 200


@dataclass(frozen=True)
class Ended:
    """An attempt (counted from 1) and how it ended, with what its notification is about."""

    notification_id: str
    delivery_id: str | None
    token: str | None
    end: End
    attempt: int
    audience: Audience
    assessment_id: str | None
    referral_id: str | None
    person_id: str | None
    focal_point_id: str | None
    sensitivity: str
    priority: int
    correlation_id: str | None

    @classmethod
    def of(cls, row: Row[Any], attempted: tuple[str | None, str | None], *, end: End, attempt: int) -> Ended:
        """From a row of a notification; `attempted` is the delivery's id and the token of who made it."""
        about = (
            "assessment_id",
            "referral_id",
            "person_id",
            "focal_point_id",
            "sensitivity",
            "priority",
            "correlation_id",
        )
        return cls(
            notification_id=row.id,
            delivery_id=attempted[0],
            token=attempted[1],
            end=end,
            attempt=attempt,
            audience=Audience(row.audience),
            **{name: getattr(row, name) for name in about},
        )


def settle(conn: Connection, ended: Sequence[Ended], *, now: datetime) -> None:
    """Record how attempts ended. A report that came in before its receipt is not overruled."""
    if not ended:
        return
    moves, tasks = [], []
    for one in ended:
        verdict = judge(one.end, attempt=one.attempt, audience=one.audience, now=now)
        uncounted = int(one.end is End.UNAVAILABLE)
        reason = None if verdict.status in {Status.SENT, Status.DELIVERED} else one.end.value
        move = facts.moving(
            one.notification_id, verdict.status, reason=reason, due_at=verdict.due_at, token=one.token
        )
        moves.append(move | {"from_status": [Status.SENDING.value], "uncounted": uncounted})
        if verdict.human and one.audience is Audience.PERSON:
            tasks.append(facts.call_row(one, reason=f"message_{verdict.status}", now=now))
    moved = outbox.move(conn, moves, now=now)  # notifications before attempts, everywhere: no ring of locks
    outbox.end(
        conn,
        [
            {"id": one.delivery_id, "ended": one.end.value, "error_class": None}
            for one in ended
            if one.delivery_id is not None
        ],
        now=now,
    )
    facts.tell_updates(conn, moved, now=now)
    limits.release_slots(conn, [one.notification_id for one in ended if one.end in CERTAINLY_NOT_SENT])
    facts.request_calls(conn, tasks, now=now)


def settle_abandoned(conn: Connection, *, now: datetime) -> int:
    """Decide on attempts whose worker died after `begin`: nobody knows whether the phone rang. How many there were."""
    rows = outbox.abandoned(conn, now=now, batch=BATCH)
    settle(
        conn,
        [Ended.of(row, (row.delivery_id, row.token), end=End.UNKNOWN, attempt=row.attempts) for row in rows],
        now=now,
    )
    return len(rows)


def settle_reports(conn: Connection, *, now: datetime) -> int:
    """Apply kept delivery reports, in any order, late ones too. How many there were."""
    reports = answers.open_reports(conn, now=now, batch=BATCH)
    best: dict[str, Status] = {}
    for row in reports:
        status = from_report(row.code)
        if status is not None:
            best[row.delivery_id] = after_report(best.get(row.delivery_id, Status.SENDING), status)
    told = [{"delivery_id": delivery_id, "status": status.value} for delivery_id, status in best.items()]
    moves, tasks = [], []
    for row in answers.reported(conn, told, now=now):
        reported = Status(row.reported)
        if not row.is_latest and reported is not Status.DELIVERED:
            continue  # an older attempt failed; the newer one decides
        status = after_report(Status(row.status), reported)
        if status is Status(row.status):
            continue
        moves.append(facts.moving(row.id, status, reason="report" if status is Status.FAILED else None))
        if status is Status.FAILED and row.audience == Audience.PERSON:
            tasks.append(facts.call_row(row, reason="message_failed", now=now) | {"notification_id": row.id})
    facts.tell_updates(conn, outbox.move(conn, moves, now=now), now=now)
    facts.request_calls(conn, tasks, now=now)
    reach("receipt.before_commit")
    return len(reports)


def forget_texts(conn: Connection, *, now: datetime) -> int:
    """Erase answers and sandbox texts older than ninety days. How many were."""
    before = now - KEEP_TEXTS
    return answers.forget(conn, before=before) + reading.forget_sandbox(conn, before=before)
