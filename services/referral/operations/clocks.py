"""Clocks that ran out: somebody is called, or the system takes the step that the table gives it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.clocks import Mark
from services.referral.domain.record import Referral
from services.referral.domain.referral import Answer, miss, next_mark, step
from services.referral.domain.status import EXPIRED, Action, Party
from services.referral.operations import journal, steps
from services.referral.operations.routing import Router
from services.referral.store import referrals as store
from services.referral.store.referrals import Change
from shared.events import Fact
from shared.failpoints import reach

BATCH = 100


def run_due(conn: Connection, router: Router, *, now: datetime, limit: int = BATCH) -> int:
    """Act on up to `limit` due clocks in this transaction; returns how many there were. Several workers may run it at
    once. What a mark does is written with the mark, so that a crash repeats nothing."""
    changes: list[Change] = []
    facts: list[Fact] = []
    moved_all: list[Referral] = []
    due = store.due(conn, now=now, limit=limit)
    reach("clock.after_claim")
    for referral in due:
        mark = next_mark(referral)
        if mark is None or mark.at > now:
            continue
        change, told = _pass(referral, mark, now)
        changes.append(change)
        facts += told
        if mark.action is not None:
            moved_all.append(change.referral)
    journal.keep_changes(conn, changes, facts, now=now)
    steps.follow(conn, router, moved_all, now=now)
    reach("clock.before_commit")
    return len(due)


def _pass(referral: Referral, mark: Mark, now: datetime) -> tuple[Change, list[Fact]]:
    called, missed = miss(referral, mark, now=now)
    line = journal.by_system(referral, called, f"clock_{mark.kind}", now=now, reason=str(mark.escalate_to))
    if mark.action is None:
        return Change(called, referral.version, (line,)), [missed]
    answer = Answer(reason=EXPIRED) if mark.action is Action.EXPIRE else Answer()
    moved, fact = step(called, mark.action, Party.SYSTEM, now, answer)
    second = journal.by_system(called, moved, str(mark.action), now=now, reason=answer.reason)
    return Change(moved, referral.version, (line, second)), [missed, fact]
