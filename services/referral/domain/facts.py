"""What the world is told about a referral: ids and codes, and no kind of help where it would reveal the need."""

from datetime import datetime
from typing import Any

from services.referral.domain.record import Referral
from services.referral.domain.status import Status
from shared.clock import rfc3339
from shared.events.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClockMissed,
    ReferralCompleted,
    ReferralDrafted,
    ReferralFact,
    ReferralFailed,
    ReferralHeld,
    ReferralReceived,
    ReferralRejected,
    ReferralRequested,
    ReferralStarted,
)

RESTRICTED = "S3"
OF_STATUS: dict[Status, type[ReferralFact]] = {
    Status.DRAFT: ReferralDrafted,
    Status.REQUESTED: ReferralRequested,
    Status.RECEIVED: ReferralReceived,
    Status.ACCEPTED: ReferralAccepted,
    Status.REJECTED: ReferralRejected,
    Status.IN_PROGRESS: ReferralStarted,
    Status.ON_HOLD: ReferralHeld,
    Status.COMPLETED: ReferralCompleted,
    Status.CANCELLED: ReferralCancelled,
    Status.FAILED: ReferralFailed,
}


def of(referral: Referral) -> ReferralFact:
    """The fact that tells where `referral` stands now."""
    return OF_STATUS[referral.status](**_common(referral))


def clock_missed(referral: Referral, *, clock: str, escalate_to: str) -> ReferralClockMissed:
    """The fact that a clock of `referral` ran out or is about to."""
    return ReferralClockMissed(clock=clock, escalate_to=escalate_to, **_common(referral))


def _common(referral: Referral) -> dict[str, Any]:
    return {
        "seq": referral.version,
        "sensitivity": referral.sensitivity,
        "priority": referral.priority,
        "referral_id": referral.id,
        "assessment_id": referral.assessment_id,
        "person_id": referral.person_id,
        "need_id": referral.need_id,
        "organization_id": referral.organization_id,
        "service_id": referral.service_id,
        "referring_organization_id": referral.referring_organization_id,
        "focal_point_id": referral.focal_point_id,
        "service_type": None if referral.sensitivity == RESTRICTED else referral.service_type,
        "status": str(referral.status),
        "turn": str(referral.turn),
        "reason": referral.reason,
        "due_at": _text(referral.due_at),
        "predecessor_id": referral.predecessor_id,
        "contact_allowed": referral.contact_allowed,
        "appointment_at": _text(referral.appointment_at),
        "outcome": referral.outcome,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
