"""What the notifications service takes."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.web import PageArgs

CALL_RESULTS = ("done", "no_answer", "not_needed", "handed_on")


class NotificationQuerySchema(PageArgs):
    assessment_id = fields.UUID(required=True)


class CloseCallSchema(Schema):
    """How a call ended. `resume`: automatic messages may go on, where we stopped them after an unclear answer."""

    result = fields.String(required=True, validate=validate.OneOf(CALL_RESULTS))
    resume = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ReplySchema(Schema):
    """What the person answers in the sandbox."""

    text = fields.String(required=True, validate=validate.Length(max=1600))


class ReportQuerySchema(Schema):
    """What Kannel fills into the address of a delivery report."""

    class Meta:
        unknown = EXCLUDE

    code = fields.Integer(
        required=True, validate=validate.Range(min=1, max=63), metadata={"description": "%d"}
    )


class InboundQuerySchema(Schema):
    """What Kannel fills into the address of an incoming message."""

    class Meta:
        unknown = EXCLUDE

    sender = fields.String(
        required=True,
        data_key="from",
        validate=validate.Regexp(r"^[+ ]?[0-9]{3,20}\Z"),
        metadata={"description": "%p"},
    )
    text = fields.String(load_default="", validate=validate.Length(max=1600), metadata={"description": "%a"})
    id = fields.String(
        required=True, validate=validate.Length(min=1, max=100), metadata={"description": "%I"}
    )
