"""Referrals and services with valid defaults, for the unit tests of the referral service."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.referral.domain.clocks import DEFAULT_LIMITS
from services.referral.domain.record import Referral
from services.referral.domain.referral import begin
from services.referral.domain.status import Status

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def a_referral(**changes: Any) -> Referral:
    priority = changes.get("priority", 2)
    fields: dict[str, Any] = {
        "id": "0190a000-0000-7000-8000-000000000001",
        "assessment_id": "0190a000-0000-7000-8000-0000000000a1",
        "person_id": "0190a000-0000-7000-8000-0000000000b1",
        "need_id": "0190a000-0000-7000-8000-0000000000c1",
        "need_code": "LEG.REG",
        "service_type": "LEG_MIG",
        "sensitivity": "S1",
        "priority": priority,
        "mode": "FIRST",
        "route": {"row_id": "R-LEG-01.1", "service": "LEG_MIG"},
        "organization_id": "0190a000-0000-7000-8000-0000000000d1",
        "service_id": "0190a000-0000-7000-8000-0000000000e1",
        "referring_organization_id": "0190a000-0000-7000-8000-0000000000d9",
        "focal_point_id": "0190a000-0000-7000-8000-0000000000f1",
        "country": "CO",
        "locality": "CO-CUCUTA",
        "age_band": "18-59",
        "gender": "woman",
        "languages": ("es",),
        "contact_allowed": True,
        "status": Status.REQUESTED,
        "limits": DEFAULT_LIMITS[priority],
        "deadline_hours": 72,
        "needed_by": NOW + timedelta(hours=72),
    }
    return begin(now=NOW, **{**fields, **changes})
