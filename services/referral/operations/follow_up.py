"""Tell by which checks a referral is followed, as the rules in force say when it is accepted or completed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.referral.domain.decisions import DecisionError
from services.referral.domain.facts import RESTRICTED
from services.referral.domain.follow_up import ACCEPTED, COMPLETED, DEADLINE, checks_from
from services.referral.domain.pathway_policies import FollowUp, follow_ups
from services.referral.domain.record import Referral
from services.referral.domain.status import Action
from services.referral.operations.routing import Router
from services.referral.store import routed
from shared import logs
from shared.clock import parse_time

log = logs.get(__name__)

MOMENTS = {Action.ACCEPT: ACCEPTED, Action.COMPLETE: COMPLETED}
AN_HOUR = timedelta(hours=1)
MOST_DAYS = 3650
"""A deadline that is further away is a slip of the pen."""


def checks_begun(
    conn: Connection, router: Router, referral: Referral, action: Action, *, now: datetime
) -> list[dict[str, Any]] | None:
    """The checks that begin with a step that led `referral` to being accepted or completed. One that comes back from
    being on hold was accepted before: nothing begins anew. None when the tables give no answer, which must stop nobody
    from helping."""
    moment = MOMENTS.get(action)
    if moment is None:
        return []
    pathway = router.pathway(conn, now=now)
    try:
        asked = follow_ups(pathway, need=referral.need_code, priority=referral.priority)
    except (LookupError, DecisionError, TypeError, ValueError) as error:
        log.error("rules gave no checks", referral_id=referral.id, error_class=type(error).__name__)
        return None
    return checks_from(
        moment,
        asked,
        restricted=referral.sensitivity == RESTRICTED,
        hours_left=_hours_left(conn, referral, asked, now=now) if moment == ACCEPTED else None,
    )


def _hours_left(
    conn: Connection, referral: Referral, asked: Sequence[FollowUp], *, now: datetime
) -> int | None:
    """Whole hours to the legal deadline that the assessment tells of; None without one, or when nothing asks for it."""
    if all(one.anchor != DEADLINE for one in asked):
        return None
    case = routed.facts_of(conn, [referral.assessment_id]).get(referral.assessment_id)
    days = _deadline_days(case or {}, referral.need_id)
    if case is None or days is None:
        return None
    return (parse_time(case["assessed_at"]) + timedelta(days=days) - now) // AN_HOUR


def _deadline_days(case: dict[str, Any], need_id: str) -> int | None:
    facts = next((one.get("facts") or {} for one in case.get("needs", ()) if one["need_id"] == need_id), {})
    days = facts.get("deadline_days")
    return days if isinstance(days, int) and 0 <= days <= MOST_DAYS else None
