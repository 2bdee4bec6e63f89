"""Write what happened to referrals and tell the others, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection
from structlog.contextvars import get_contextvars

from services.referral.domain import facts
from services.referral.domain.planned import Gap, Planned
from services.referral.domain.record import Referral
from services.referral.domain.status import Party, Status
from services.referral.store import referrals as store
from services.referral.store import routed
from services.referral.store.referrals import Taken
from shared import bus
from shared.events import Fact
from shared.events.referral import GapRecorded


def begun(referral: Referral, *, correlation_id: str | None) -> Taken:
    """The first line of a referral's history."""
    action = "draft" if referral.status is Status.DRAFT else "request"
    return Taken(
        referral.id,
        referral.version,
        action,
        str(Party.SYSTEM),
        None,
        str(referral.status),
        referral.created_at,
        correlation_id=correlation_id,
    )


def by_system(
    before: Referral, after: Referral, action: str, *, now: datetime, reason: str | None = None
) -> Taken:
    """A line for what the system did by itself."""
    return Taken(
        after.id,
        after.version,
        action,
        str(Party.SYSTEM),
        str(before.status),
        str(after.status),
        now,
        reason=reason,
        correlation_id=get_contextvars().get("correlation_id"),
    )


def keep_planned(
    conn: Connection, planned: Sequence[Planned], *, now: datetime, correlations: dict[str, str | None]
) -> None:
    """Write new referrals and gaps with their receipts, and publish them. `correlations` maps assessments to the
    correlation id of the request that began them."""
    if not planned:
        return
    receipts, told, of_subject = [], [], {}
    for one in planned:
        what: Referral | Gap | None = one.referral or one.gap
        assert what is not None
        receipts.append(
            {"id": what.id, "assessment_id": what.assessment_id, "body": one.receipt, "created_at": now}
        )
        fact = facts.of(one.referral) if one.referral else gap_fact(one.gap)
        told.append(fact)
        correlation = correlations.get(what.assessment_id)
        if correlation:
            of_subject[fact.subject] = correlation
    routed.insert(
        conn,
        [
            (one.referral, begun(one.referral, correlation_id=correlations.get(one.referral.assessment_id)))
            for one in planned
            if one.referral
        ],
        [asdict(one.gap) for one in planned if one.gap],
        receipts,
    )
    bus.publish(conn, told, now=now, correlations=of_subject)


def keep_changes(
    conn: Connection, changes: Sequence[store.Change], told: Sequence[Fact], *, now: datetime
) -> None:
    """Write steps that were taken and publish their facts."""
    store.save(conn, changes)
    bus.publish(conn, told, now=now)


def gap_fact(gap: Gap | None) -> GapRecorded:
    """What the others learn of a gap: no kind of help where it would reveal the need."""
    assert gap is not None
    restricted = gap.sensitivity == facts.RESTRICTED
    return GapRecorded(
        seq=1,
        sensitivity=gap.sensitivity,
        priority=gap.priority,
        gap_id=gap.id,
        assessment_id=gap.assessment_id,
        person_id=gap.person_id,
        need_id=gap.need_id,
        country=gap.country,
        locality=gap.locality,
        service_type=None if restricted or not gap.service_type else gap.service_type,
        reason=gap.reason,
        focal_point_id=gap.focal_point_id,
    )
