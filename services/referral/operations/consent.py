"""A person takes a permission back: providers lose access at once, and nobody new is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.referral import Answer, step
from services.referral.domain.status import CONSENT_WITHDRAWN, Action, Party
from services.referral.operations import journal
from services.referral.store import cases, gaps
from services.referral.store import referrals as store
from services.referral.store.referrals import Change
from shared.bus import Received
from shared.events import Fact

SHARING = frozenset({"share", "all"})
CONTACT = frozenset({"contact", "all"})


def withdraw(conn: Connection, events: Sequence[Received], *, now: datetime) -> None:
    """Cancel open referrals where sharing was withdrawn, and stop contact where that was. An assessment that arrives
    after its withdrawal is never routed."""
    facts = [event.fact for event in events]
    contact = [one for one in facts if one.scope in CONTACT]
    if contact:
        cases.stop_contact(conn, [one.person_id for one in contact])
    sharing = [one for one in facts if one.scope in SHARING]
    if not sharing:
        return
    withdrawn = cases.withdraw(
        conn, [(one.person_id, assessment) for one in sharing for assessment in one.assessment_ids], now=now
    )
    whole = [one.person_id for one in sharing if not one.assessment_ids]
    withdrawn |= cases.withdraw_persons(conn, whole, now=now)
    gaps.close_of(conn, sorted(withdrawn), now=now)
    changes: list[Change] = []
    told: list[Fact] = []
    for referral in store.open_of_assessments(conn, sorted(withdrawn)):
        moved, fact = step(referral, Action.CANCEL, Party.SYSTEM, now, Answer(reason=CONSENT_WITHDRAWN))
        line = journal.by_system(referral, moved, str(Action.CANCEL), now=now, reason=CONSENT_WITHDRAWN)
        changes.append(Change(moved, referral.version, (line,)))
        told.append(fact)
    journal.keep_changes(conn, changes, told, now=now)
