"""From what operations return to what the answer schemas dump."""

from __future__ import annotations

from typing import Any

from services.intake.domain.journey import Referral
from services.intake.operations.showing import CaseView, NeedView
from services.intake.operations.submitting import Accepted
from shared.ids import short_code


def accepted(stored: Accepted) -> dict[str, Any]:
    """The answer to one stored assessment."""
    return {
        "id": stored.id,
        "code": short_code(stored.id),
        "status": stored.status,
        "needs": needs(stored),
    }


def needs(stored: Accepted) -> list[dict[str, str]]:
    """The needs of a stored assessment."""
    return [{"id": need_id, "code": code} for need_id, code in stored.needs]


def summary(view: CaseView) -> dict[str, Any]:
    """A case for a list."""
    case = view.case
    return {
        "id": case.id,
        "code": short_code(case.id),
        "received_at": case.received_at,
        "assessed_at": case.assessed_at,
        "country": case.country,
        "locality": case.locality,
        "age_band": case.age_band,
        "gender": case.gender,
        "needs": [_need(one) for one in view.needs],
    }


def full(view: CaseView) -> dict[str, Any]:
    """A case for its own page."""
    case = view.case
    return {
        **summary(view),
        "person_id": case.person_id,
        "organization_id": case.organization_id,
        "focal_point_id": case.focal_point_id,
        "languages": case.languages,
        "household_size": case.household_size,
        "consent": case,
        "messages": view.messages,
        "calls": view.calls,
    }


def _need(view: NeedView) -> dict[str, Any]:
    progress = view.progress
    return {
        "id": view.need.id,
        "code": view.need.code if view.visible else None,
        "restricted": view.need.restricted,
        "refer": view.need.refer,
        "state": progress.state,
        "step": progress.step,
        "priority": progress.priority,
        "turn": progress.turn,
        "due_at": progress.due_at,
        "referrals": [_referral(one) for one in view.referrals],
        "gaps": view.gaps,
        "outcomes": view.outcomes,
    }


def _referral(referral: Referral) -> dict[str, Any]:
    return {name: getattr(referral, name) for name in Referral.__slots__}
