"""What callers send."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from services.referral.domain.directory import CapacityStatus
from services.referral.domain.receipt_text import READERS
from services.referral.domain.status import CANCEL_REASONS, HOLD_REASONS, REJECT_REASONS, Status
from shared import codes
from shared.ids import is_id
from shared.web import PageArgs

MAX_VERSION = 2_147_483_647
MAX_LOOKUP = 500
OUTCOMES = [one.code for one in codes.load("outcomes").values() if one.fact("domain") != "SAT"]
"""How a service can end. Whether the person was content (SAT) is theirs to say, not the provider's."""


class Id(ma.fields.String):
    """A UUID in its canonical form."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "uuid", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, error_messages={"not_an_id": "Not a valid UUID."}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = str(super()._deserialize(value, attr, data, **kwargs)).lower()
        if not is_id(found):
            raise self.make_error("not_an_id")
        return found


class StepSchema(ma.Schema):
    """The version of the view on which the step was decided."""

    version = ma.fields.Integer(required=True, strict=True, validate=Range(min=1, max=MAX_VERSION))


class AcceptSchema(StepSchema):
    appointment_at = ma.fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "First appointment, with offset"}
    )


class RejectSchema(StepSchema):
    reason = ma.fields.String(required=True, validate=OneOf(sorted(REJECT_REASONS)))
    note = ma.fields.String(load_default=None, allow_none=True, validate=Length(min=1, max=280))


class HoldSchema(StepSchema):
    reason = ma.fields.String(required=True, validate=OneOf(sorted(HOLD_REASONS)))
    contact_attempts = ma.fields.Integer(strict=True, load_default=0, validate=Range(min=0, max=99))
    appointment_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    note = ma.fields.String(load_default=None, allow_none=True, validate=Length(min=1, max=280))


class CompleteSchema(StepSchema):
    outcome = ma.fields.String(required=True, validate=OneOf(OUTCOMES))


class CancelSchema(StepSchema):
    reason = ma.fields.String(required=True, validate=OneOf(sorted(CANCEL_REASONS)))


class CloseGapSchema(ma.Schema):
    """Why nothing more is asked."""

    reason = ma.fields.String(required=True, validate=OneOf(sorted(CANCEL_REASONS)))


class KeySchema(ma.Schema):
    """Repeating a call with the same key changes nothing."""

    class Meta:
        unknown = ma.EXCLUDE

    key = ma.fields.String(data_key="Idempotency-Key", load_default=None, validate=Length(min=1, max=100))


class ReferralsSchema(PageArgs):
    """Which referrals."""

    status = ma.fields.String(load_default=None, validate=OneOf([str(one) for one in Status]))
    assessment_id = Id(load_default=None)
    escalated_to = ma.fields.String(load_default=None, validate=OneOf(["focal_point", "coordinator"]))


class GapsSchema(PageArgs):
    open = ma.fields.Boolean(load_default=True)


class ClocksSchema(ma.Schema):
    limit = ma.fields.Integer(load_default=50, validate=Range(min=1, max=200))


class ReceiptSchema(ma.Schema):
    """For whom the receipt is written, and which service is asked about."""

    reader = ma.fields.String(load_default="worker", validate=OneOf(READERS))
    service_id = Id(load_default=None, metadata={"description": "Why not this one?"})


class AsOfSchema(ma.Schema):
    """A moment."""

    at = ma.fields.AwareDateTime(required=True, metadata={"description": "RFC 3339 with offset"})


class ServicesSchema(PageArgs):
    """Which services; all filters combine."""

    search = ma.fields.String(load_default=None, validate=Length(min=1, max=100))
    service_type = ma.fields.String(load_default=None, validate=OneOf(list(codes.load("service_types"))))
    country = ma.fields.String(load_default=None, validate=OneOf(list(codes.load("countries"))))
    locality = ma.fields.String(load_default=None, validate=OneOf(list(codes.load("localities"))))
    organization_id = Id(load_default=None)
    active = ma.fields.Boolean(load_default=None)


class CapacitySchema(ma.Schema):
    """Places left, as the provider says."""

    status = ma.fields.String(
        load_default=str(CapacityStatus.HAS_CAPACITY),
        validate=OneOf([str(one) for one in CapacityStatus if one is not CapacityStatus.UNKNOWN]),
    )
    available = ma.fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=Range(min=0, max=100_000)
    )
    valid_until = ma.fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "How long to believe it; 7 days if left out"},
    )


class ContactsSchema(ma.Schema):
    organization_ids = ma.fields.List(Id(), required=True, validate=Length(max=MAX_LOOKUP))
