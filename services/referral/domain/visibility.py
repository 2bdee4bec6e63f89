"""What each party may read of a referral. One pure function, so that pages and API cannot differ.

Coordinators see codes and timings, never the file of a person, and for restricted referrals neither need nor kind of
help. Providers see what their work needs; who the person is comes from intake, after consent is checked there.
"""

from __future__ import annotations

from typing import Any

from services.referral.domain.facts import RESTRICTED
from services.referral.domain.record import Referral
from services.referral.domain.status import Action, Party, allowed
from shared.ids import short_code

OPEN_TO_ALL = (
    "id",
    "assessment_id",
    "status",
    "reason",
    "priority",
    "turn",
    "version",
    "organization_id",
    "service_id",
    "referring_organization_id",
    "country",
    "locality",
    "mode",
    "attempt",
    "predecessor_id",
    "successor_id",
    "outcome",
    "created_at",
    "changed_at",
    "needed_by",
    "due_at",
    "appointment_at",
    "escalated_to",
    "escalated_at",
    "sensitivity",
)
OF_THE_CASE = ("need_id", "need_code", "service_type", "age_band", "gender", "languages", "contact_allowed")
HIDDEN_FROM_COORDINATION = frozenset({"age_band", "gender", "languages", "need_id"})


def view(referral: Referral, party: Party) -> dict[str, Any]:
    """The referral as `party` may read it, with the steps it may take now."""
    shown: dict[str, Any] = {name: getattr(referral, name) for name in OPEN_TO_ALL}
    for name in OF_THE_CASE:
        shown[name] = getattr(referral, name) if _may_read(name, referral, party) else None
    shown["code"] = short_code(referral.assessment_id)
    shown["waiting"] = referral.waiting
    shown["allowed"] = [str(one) for one in actions(referral, party)]
    return shown


def actions(referral: Referral, party: Party) -> tuple[Action, ...]:
    """The steps that `party` may take now."""
    return allowed(referral.situation, party)


def _may_read(name: str, referral: Referral, party: Party) -> bool:
    if party is not Party.COORDINATOR:
        return True
    return name not in HIDDEN_FROM_COORDINATION and referral.sensitivity != RESTRICTED
