"""A gap closes by itself when somebody can help after all: the focal point finds a draft to confirm.

Nothing is sent without a person: days may have passed, and the need may be gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.referral.domain import planning
from services.referral.domain.case import from_facts
from services.referral.domain.planned import Planned, World
from services.referral.operations import journal
from services.referral.operations.routing import Router
from services.referral.store import gaps as store
from services.referral.store import routed
from shared.failpoints import reach

BATCH = 100


def look_again(conn: Connection, router: Router, *, now: datetime, limit: int = BATCH) -> int:
    """Search again for up to `limit` gaps that a change of the directory may have closed; returns how many were looked
    at. A gap whose person withdrew consent is closed without a search."""
    marked = store.take(conn, limit=limit)
    if not marked:
        return 0
    cases = routed.facts_of(conn, [one["assessment_id"] for one in marked])
    tried = routed.tried_for(conn, [one["need_id"] for one in marked])
    world = router.world(conn, now=now)
    found: list[Planned] = []
    reasons: dict[str, str] = {}
    closed: list[str] = []
    for gap in marked:
        planned = _search(world, cases, tried, gap)
        if planned is None or planned.referral is not None:
            closed.append(gap["id"])
        else:
            reasons[gap["id"]] = planned.receipt["gap"]
        if planned is not None and planned.referral is not None:
            found.append(planned)
    journal.keep_planned(conn, found, now=now, correlations={})
    after = [one.referral for one in found if one.referral]
    routed.link_successors(conn, {one.predecessor_id: one.id for one in after if one.predecessor_id})
    store.looked_at(conn, reasons, closed, now=now)
    reach("gaps.before_commit")
    return len(marked)


def _search(
    world: World, cases: dict[str, Any], tried: dict[tuple[str, str], set[str]], gap: dict[str, Any]
) -> Planned | None:
    """None when the person took the permission back."""
    if gap["assessment_id"] not in cases:
        return None
    case = from_facts(cases[gap["assessment_id"]], priority=gap["priority"])
    asked = frozenset(tried.get((gap["need_id"], gap["route"]["row_id"]), ()))
    return planning.fill(world, case, gap, asked)
