"""The smaller request bodies."""

from __future__ import annotations

from services.intake.schemas.assessment import StrictSchema
from services.intake.schemas.fields import Choice, Coding, Identifier, Several

SCOPES = ("share", "contact", "all")
PURPOSES = ("notification",)
MAX_LOOKUP = 500


class WithdrawalSchema(StrictSchema):
    """What the person takes back: sharing, being contacted, or both."""

    scope = Choice(*SCOPES, required=True)


class OutcomeSchema(StrictSchema):
    """What the focal point learned. `id` is the sender's, so that repeating is safe."""

    id = Identifier(required=True)
    referral_id = Identifier(required=True)
    outcome = Coding("outcomes", required=True)


class ContactLookupSchema(StrictSchema):
    """Whose safe contact is asked for, and what for."""

    person_ids = Several(Identifier(), limit=MAX_LOOKUP, required=True)
    purpose = Choice(*PURPOSES, required=True)


class SharedViewRequestSchema(StrictSchema):
    """Which organization wants to see the person, for which need."""

    person_id = Identifier(required=True)
    need_id = Identifier(required=True)
    organization_id = Identifier(required=True)
