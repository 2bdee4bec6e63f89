"""What the notifications service answers: nothing that is not here leaves it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

STATUSES = ("held", "queued", "sending", "sent", "delivered", "failed", "unknown", "refused", "cancelled")
ENDS = ("accepted", "delivered", "temporary", "permanent", "unknown", "unavailable")


class NotificationSchema(Schema):
    """The intent to tell somebody something, and where it stands. `text` is what was sent, word by word."""

    id = fields.UUID()
    audience = fields.String(metadata={"enum": ["person", "organization", "focal_point", "coordinator"]})
    template_id = fields.String(metadata={"description": "S1 to S7"})
    assessment_id = fields.UUID(allow_none=True)
    referral_id = fields.UUID(allow_none=True)
    status = fields.String(metadata={"enum": list(STATUSES)})
    reason = fields.String(
        allow_none=True, metadata={"description": "Why it is held, refused or failed, coded"}
    )
    text = fields.String(allow_none=True, metadata={"description": "None while nothing was sent"})
    language = fields.String(allow_none=True)
    due_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it is tried, while it waits"}
    )
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class NotificationPageSchema(Schema):
    items = fields.List(fields.Nested(NotificationSchema))
    next = fields.String(allow_none=True)


class DeliverySchema(Schema):
    """One attempt. `report` is what the gateway said later; `answer` what the phone answered, coded."""

    id = fields.UUID()
    attempt = fields.Integer()
    channel = fields.String()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    ended = fields.String(allow_none=True, metadata={"enum": [*ENDS, None]})
    report = fields.String(allow_none=True)
    reported_at = fields.AwareDateTime(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class DeliveriesSchema(Schema):
    items = fields.List(fields.Nested(DeliverySchema))


class CallSchema(Schema):
    """Something a human has to do, by when, and why no machine did it: the people of `organization_id`, or the focal
    point where there is none."""

    id = fields.UUID()
    assessment_id = fields.UUID(allow_none=True)
    referral_id = fields.UUID(allow_none=True)
    person_id = fields.UUID(allow_none=True)
    focal_point_id = fields.UUID(allow_none=True)
    organization_id = fields.UUID(allow_none=True)
    reason = fields.String()
    priority = fields.Integer()
    due_at = fields.AwareDateTime()
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    result = fields.String(allow_none=True)


class CallPageSchema(Schema):
    items = fields.List(fields.Nested(CallSchema))
    next = fields.String(allow_none=True)


class SandboxMessageSchema(Schema):
    """A text on the sandbox page. `phone` shows the last digits only."""

    id = fields.UUID()
    phone = fields.String(attribute="phone_end")
    direction = fields.String(metadata={"enum": ["out", "in"]})
    text = fields.String()
    at = fields.AwareDateTime()


class SandboxPageSchema(Schema):
    items = fields.List(fields.Nested(SandboxMessageSchema))
    next = fields.String(allow_none=True)


class AcceptedSchema(Schema):
    """Kept; understood a moment later."""

    status = fields.String(validate=validate.Equal("accepted"))
