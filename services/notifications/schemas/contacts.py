"""What we read of the contacts that intake and referral answer. Fields we do not know are let by."""

from __future__ import annotations

from typing import ClassVar

import marshmallow as ma

from services.notifications.domain.gates import DAYS


class PersonContactSchema(ma.Schema):
    """A person's safe contact, as intake answers."""

    KNOWN: ClassVar = (
        "person_id", "contact_allowed", "channel", "phone", "owner", "safe_days", "safe_hours", "timezone",
        "language", "sensitive_ok", "neutral_name", "age_band", "reason",
    )  # fmt: skip

    class Meta:
        unknown = ma.EXCLUDE

    person_id = ma.fields.UUID(required=True)
    contact_allowed = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    channel = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    owner = ma.fields.String(allow_none=True)
    safe_days = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(DAYS)), allow_none=True)
    safe_hours = ma.fields.List(ma.fields.String(), validate=ma.validate.Length(equal=2), allow_none=True)
    timezone = ma.fields.String(allow_none=True)
    language = ma.fields.String(allow_none=True)
    sensitive_ok = ma.fields.Boolean(allow_none=True, truthy={True}, falsy={False})
    neutral_name = ma.fields.String(allow_none=True)
    age_band = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)


class OrganizationContactSchema(ma.Schema):
    """The phone of an organization's staff, as referral answers."""

    KNOWN: ClassVar = ("organization_id", "phone", "language", "timezone")

    class Meta:
        unknown = ma.EXCLUDE

    organization_id = ma.fields.UUID(required=True)
    phone = ma.fields.String(allow_none=True)
    language = ma.fields.String(allow_none=True)
    timezone = ma.fields.String(allow_none=True)
