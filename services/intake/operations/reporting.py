"""What a focal point reports back about a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.intake.domain.sentences import N_
from services.intake.domain.visibility import Viewer
from services.intake.operations.following import tell_of_finished
from services.intake.operations.showing import show_case
from services.intake.store import journeys as store
from shared import bus
from shared.clock import rfc3339
from shared.errors import NotFound
from shared.events.notifications import OutcomeReported

FOCAL_POINT = "focal_point"


class ReferralNotFound(NotFound):
    code = "referral_not_found"

    def __init__(self) -> None:
        super().__init__(N_("Este caso no tiene esa derivación."))


class CallNotFound(NotFound):
    code = "call_not_found"

    def __init__(self) -> None:
        super().__init__(N_("Este caso no tiene esa llamada."))


@dataclass(frozen=True)
class Report:
    """`id` is the reporter's own, so that repeating is safe."""

    id: str
    referral_id: str
    outcome: str


def report_outcome(conn: Connection, *, viewer: Viewer, case_id: str, report: Report, now: datetime) -> bool:
    """Keep what became of a referral and tell the referral service. Returns False for a repeat. Raises CaseNotFound,
    ReferralNotFound, also for what the viewer may not see."""
    view = show_case(conn, viewer=viewer, case_id=case_id)
    known = {one.referral_id: one for need in view.needs for one in need.referrals}
    if report.referral_id not in known:
        raise ReferralNotFound
    referral = known[report.referral_id]
    row = {
        "outcome_id": report.id,
        "referral_id": report.referral_id,
        "assessment_id": case_id,
        "outcome": report.outcome,
        "source": FOCAL_POINT,
        "follow_up": None,
        "reported_by": viewer.account_id,
        "time": rfc3339(now),
    }
    if not store.record_outcomes(conn, [row]):
        return False
    done = store.finish_calls(conn, referral_ids=[report.referral_id], now=now)
    tell_of_finished(conn, done, result="not_needed", now=now)
    fact = OutcomeReported(
        seq=1,
        sensitivity="S2",
        priority=referral.priority,
        outcome_id=report.id,
        referral_id=report.referral_id,
        assessment_id=case_id,
        person_id=view.case.person_id,
        outcome=report.outcome,
        source=FOCAL_POINT,
    )
    bus.publish(conn, [fact], now=now)
    return True


def finish_call(conn: Connection, *, viewer: Viewer, case_id: str, call_id: str, now: datetime) -> None:
    """A call was made. Raises CaseNotFound, CallNotFound."""
    view = show_case(conn, viewer=viewer, case_id=case_id)
    if call_id not in {call["call_id"] for call in view.calls}:
        raise CallNotFound
    done = store.finish_call(conn, assessment_id=case_id, call_id=call_id, now=now)
    tell_of_finished(conn, done, result="done", now=now)
