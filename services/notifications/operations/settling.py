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
from services.notifications.store.outbox import Attempted
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
    attempted = Attempted(ended={one.delivery_id: one.end.value for one in ended if one.delivery_id})
    facts.tell_updates(conn, outbox.conclude(conn, moves, attempted, now=now), now=now)
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
    reach("abandoned.before_commit")
    return len(rows)


def settle_reports(conn: Connection, *, now: datetime) -> int:
    """Apply kept delivery reports, in any order, late ones too. How many there were."""
    reports = answers.take_reports(conn, now=now, batch=BATCH)
    told = _told(reports)
    attempted = Attempted(reported={delivery_id: status.value for delivery_id, (_, status) in told.items()})
    moved = outbox.conclude(conn, _changes(told), attempted, now=now)
    facts.tell_updates(conn, moved, now=now)
    failed = [row for row in moved if row.status == Status.FAILED and row.audience == Audience.PERSON]
    facts.request_calls(
        conn,
        [
            facts.call_row(row, reason="message_failed", now=now) | {"notification_id": row.id}
            for row in failed
        ],
        now=now,
    )
    reach("receipt.before_commit")
    return len(reports)


Told = dict[str, tuple[Row[Any], Status]]


def _told(reports: Sequence[Row[Any]]) -> Told:
    """By attempt of ours, a report about it and the best that was said."""
    best: Told = {}
    for row in reports:
        status = from_report(row.code)
        if status is None or row.notification_id is None:
            continue
        _, before = best.get(row.delivery_id, (row, Status.SENDING))
        best[row.delivery_id] = row, after_report(before, status)
    return best


def _changes(told: Told) -> list[dict[str, Any]]:
    """One change for each notification: any attempt that was delivered counts, else only the newest."""
    decisive: dict[str, tuple[tuple[bool, int], dict[str, Any]]] = {}
    for row, status in told.values():
        delivered = status is Status.DELIVERED
        change = facts.moving(
            row.notification_id, status, reason="report" if status is Status.FAILED else None
        )
        weight = (delivered, row.attempt)
        if row.notification_id not in decisive or weight > decisive[row.notification_id][0]:
            decisive[row.notification_id] = weight, change | {"attempt": None if delivered else row.attempt}
    return [change for _, change in decisive.values()]


def forget_texts(conn: Connection, *, now: datetime) -> int:
    """Erase answers and sandbox texts older than ninety days. How many were."""
    before = now - KEEP_TEXTS
    return answers.forget(conn, before=before) + reading.forget_sandbox(conn, before=before)
