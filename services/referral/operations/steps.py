"""Take a step in a referral's life on somebody's behalf, and what follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection
from structlog.contextvars import get_contextvars

from services.referral.domain.record import Referral
from services.referral.domain.referral import Answer, check_version, step
from services.referral.domain.status import (
    CONSENT_WITHDRAWN,
    NOT_REROUTED,
    VISIBLE_TO_PROVIDER,
    Action,
    Party,
    Status,
)
from services.referral.operations import journal
from services.referral.operations.follow_up import checks_begun
from services.referral.operations.routing import Router
from services.referral.store import directory
from services.referral.store import referrals as store
from services.referral.store.referrals import Change, Taken
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events import Fact
from shared.events.referral import FollowedUp
from shared.ids import short_code


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who acts: an account of a role in an organization."""

    party: Party
    account_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody asks for. `version` is that of the view it was decided on; `key` makes a repeat harmless."""

    referral_id: str
    action: Action
    version: int
    answer: Answer = field(default_factory=Answer)
    key: str | None = None


def get_visible(conn: Connection, who: Who, referral_id: str, *, lock: bool = False) -> Referral:
    """The referral, if `who` may know of it. Raises NotFound otherwise, as for one that does not exist."""
    referral = store.get(conn, referral_id, lock=lock)
    if not may_see(who, referral):
        raise NotFound("No encontramos esta derivación.", code="referral_not_found")
    return referral


def may_see(who: Who, referral: Referral) -> bool:
    """Providers see what their organization was asked, focal points what theirs referred, coordinators all (codes)."""
    if who.party is Party.PROVIDER:
        return (
            who.organization_id == referral.organization_id
            and who.organization_id is not None
            and referral.status in VISIBLE_TO_PROVIDER
        )
    if who.party is Party.FOCAL_POINT:
        return who.organization_id is not None and who.organization_id == referral.referring_organization_id
    return who.party is Party.COORDINATOR


def take_step(conn: Connection, router: Router, who: Who, asked: Asked, *, now: datetime) -> Referral:
    """Take the step and what follows from it. A repeat answers the same and changes nothing.

    Raises NotFound, Conflict (`illegal_step`, `stale_version`, `idempotency_conflict`) or Invalid.
    """
    referral = get_visible(conn, who, asked.referral_id, lock=True)
    said = _fingerprint(asked)
    if _is_repeat(conn, referral, who, asked, said):
        return referral
    check_version(referral, asked.version)
    _check_answer(asked, now)
    moved, fact = step(referral, asked.action, who.party, now, asked.answer)
    line = Taken(
        referral.id,
        moved.version,
        str(asked.action),
        str(who.party),
        str(referral.status),
        str(moved.status),
        now,
        account_id=who.account_id,
        reason=asked.answer.reason,
        note=asked.answer.note,
        said=said,
        idempotency_key=asked.key,
        correlation_id=get_contextvars().get("correlation_id"),
    )
    if isinstance(fact, FollowedUp):
        fact = replace(fact, checks=checks_begun(conn, router, moved, asked.action, now=now))
    journal.keep_changes(conn, [Change(moved, referral.version, (line,))], [fact], now=now)
    follow(conn, router, [moved], now=now)
    return store.get(conn, referral.id)


def follow(conn: Connection, router: Router, moved: Sequence[Referral], *, now: datetime) -> None:
    """What the system does after steps: a place is taken, the next candidate asked, what waited is sent."""
    for one in moved:
        if one.status is Status.ACCEPTED:
            _take_place(conn, one, now=now)
    router.ask_next(conn, [one for one in moved if _asks_next(one)], now=now)
    ended = [one for one in moved if not one.open and one.reason != CONSENT_WITHDRAWN]
    release_waiting(conn, ended, now=now)


def release_waiting(conn: Connection, ended: Sequence[Referral], *, now: datetime) -> None:
    """Send drafts that waited for a service which is completed now, and those that were put off while enough ran."""
    if not ended:
        return
    changes: list[Change] = []
    facts: list[Fact] = []
    done = {(one.assessment_id, one.service_type) for one in ended if one.status is Status.COMPLETED}
    room = {one.assessment_id for one in ended if one.priority > 1}
    for draft in store.drafts_of_assessments(conn, sorted({one.assessment_id for one in ended})):
        if not draft.waiting:
            continue
        waits_for = draft.route.get("waits_for")
        if (draft.assessment_id, waits_for) in done or (not waits_for and draft.assessment_id in room):
            moved, fact = step(draft, Action.CONFIRM, Party.SYSTEM, now)
            line = journal.by_system(draft, moved, str(Action.CONFIRM), now=now)
            changes.append(Change(moved, draft.version, (line,)))
            facts.append(fact)
            room.discard(draft.assessment_id)
    if changes:
        journal.keep_changes(conn, changes, facts, now=now)


def _take_place(conn: Connection, referral: Referral, *, now: datetime) -> None:
    if directory.counts_places(conn, referral.service_id):
        directory.take_place(conn, referral.service_id, version=directory.next_version(conn, now=now))


def _asks_next(referral: Referral) -> bool:
    if referral.status is Status.FAILED:
        return True
    return referral.status is Status.REJECTED and referral.reason not in NOT_REROUTED


def _check_answer(asked: Asked, now: datetime) -> None:
    appointment = asked.answer.appointment_at
    if appointment is not None and appointment <= now:
        sentence, code = "La cita debe ser en el futuro.", "appointment_in_the_past"
        raise Invalid(sentence, code=code, fields={"appointment_at": [FieldError(code, sentence)]})


def _is_repeat(conn: Connection, referral: Referral, who: Who, asked: Asked, said: str) -> bool:
    last = store.repeated(conn, referral.id, key=asked.key)
    if last is None:
        return False
    same = (last.said, last.account_id) == (said, who.account_id)
    if asked.key is not None and not same:
        raise Conflict(
            "Esta clave de idempotencia ya se usó para otra cosa.",
            code="idempotency_conflict",
            extra={"reference": short_code(referral.id)},
        )
    return same and (asked.key is not None or last.version == asked.version + 1)


def _fingerprint(asked: Asked) -> str:
    said = {"action": asked.action, **asdict(asked.answer)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
