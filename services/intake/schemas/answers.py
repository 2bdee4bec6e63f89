"""What the intake service answers: the shapes in the OpenAPI document, and nothing that is not in them leaves."""

from __future__ import annotations

from marshmallow import Schema, fields

TIME = {"description": "RFC 3339"}


class NeedAnswerSchema(Schema):
    """A need as it was stored."""

    id = fields.UUID()
    code = fields.String()


class AssessmentAnswerSchema(Schema):
    """An assessment was stored, now or before."""

    id = fields.UUID()
    code = fields.String(metadata={"description": "Six characters by which people speak of the case"})
    status = fields.String(
        metadata={
            "enum": ["submitted", "recorded"],
            "description": "`submitted`: at least one need goes on; `recorded`: kept, nothing is shared",
        }
    )
    needs = fields.List(fields.Nested(NeedAnswerSchema))


class FieldErrorSchema(Schema):
    """What is wrong with one field."""

    field = fields.String()
    code = fields.String()
    message = fields.String()


class LineAnswerSchema(Schema):
    """What became of one line of a batch."""

    line = fields.Integer(metadata={"description": "From 1, counting empty lines"})
    status = fields.Integer(metadata={"description": "201 stored, 200 stored before, 409 or 422 refused"})
    id = fields.UUID(allow_none=True)
    code = fields.String(metadata={"description": "For a refused line: why, as in problem details"})
    errors = fields.List(fields.Nested(FieldErrorSchema))
    needs = fields.List(fields.Nested(NeedAnswerSchema))


class BatchAnswerSchema(Schema):
    """What became of every line. Good lines are kept whatever happened to others."""

    stored = fields.Integer()
    repeated = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(LineAnswerSchema))


class ReferralAnswerSchema(Schema):
    """A referral as events last told of it."""

    referral_id = fields.UUID()
    organization_id = fields.UUID(allow_none=True)
    service_id = fields.UUID(allow_none=True)
    service_type = fields.String(allow_none=True)
    priority = fields.Integer(metadata={"description": "0 emergency to 3 low"})
    status = fields.String()
    reason = fields.String(allow_none=True)
    turn = fields.String(
        metadata={"description": "Who has to act: provider, focal_point, coordinator, person, none"}
    )
    due_at = fields.AwareDateTime(allow_none=True, metadata=TIME)
    predecessor_id = fields.UUID(allow_none=True)
    appointment_at = fields.AwareDateTime(allow_none=True, metadata=TIME)
    outcome = fields.String(allow_none=True)
    missed_clock = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(metadata=TIME)
    updated_at = fields.AwareDateTime(metadata=TIME)


class GapAnswerSchema(Schema):
    """Nobody reachable can give a service."""

    gap_id = fields.UUID()
    service_type = fields.String(allow_none=True)
    reason = fields.String()
    recorded_at = fields.AwareDateTime(metadata=TIME)


class OutcomeAnswerSchema(Schema):
    """What somebody said came of a referral."""

    outcome_id = fields.UUID()
    referral_id = fields.UUID()
    outcome = fields.String()
    source = fields.String()
    follow_up = fields.String(allow_none=True)
    reported_at = fields.AwareDateTime(metadata=TIME)


class NeedSummarySchema(Schema):
    """A need and how far it has come. A restricted need of a colleague shows only that it exists."""

    id = fields.UUID()
    code = fields.String(allow_none=True)
    restricted = fields.Boolean()
    refer = fields.Boolean()
    state = fields.String(
        metadata={
            "description": "A referral's status, or: not_shared, withdrawn, routing, together, gap, stopped, restricted"
        }
    )
    step = fields.Integer(metadata={"description": "0 registered to 5 completed"})
    priority = fields.Integer(allow_none=True)
    turn = fields.String()
    due_at = fields.AwareDateTime(allow_none=True, metadata=TIME)


class NeedJourneySchema(NeedSummarySchema):
    """A need and everything that became of it."""

    referrals = fields.List(fields.Nested(ReferralAnswerSchema))
    gaps = fields.List(fields.Nested(GapAnswerSchema))
    outcomes = fields.List(fields.Nested(OutcomeAnswerSchema))


class ConsentAnswerSchema(Schema):
    """What was agreed to and what was taken back."""

    share = fields.Boolean()
    given_by = fields.String()
    assent = fields.Boolean()
    contact = fields.Boolean()
    statistics = fields.Boolean()
    authorities = fields.Boolean()
    withheld_from = fields.List(fields.UUID())
    obtained_at = fields.AwareDateTime(metadata=TIME)
    override_basis = fields.String(allow_none=True)
    override_author = fields.String(allow_none=True)
    override_approver = fields.String(allow_none=True)
    share_withdrawn_at = fields.AwareDateTime(allow_none=True, metadata=TIME)
    contact_withdrawn_at = fields.AwareDateTime(allow_none=True, metadata=TIME)


class MessageAnswerSchema(Schema):
    """A message about the case: never its text."""

    notification_id = fields.UUID()
    referral_id = fields.UUID(allow_none=True)
    audience = fields.String()
    template_id = fields.String()
    channel = fields.String(allow_none=True)
    status = fields.String()
    reason = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(metadata=TIME)
    updated_at = fields.AwareDateTime(metadata=TIME)


class CallAnswerSchema(Schema):
    """A call the focal point has to make."""

    call_id = fields.UUID()
    referral_id = fields.UUID(allow_none=True)
    reason = fields.String()
    due_at = fields.AwareDateTime(metadata=TIME)
    requested_at = fields.AwareDateTime(metadata=TIME)
    done_at = fields.AwareDateTime(allow_none=True, metadata=TIME)


class CaseSummarySchema(Schema):
    """A case in a list: no name."""

    id = fields.UUID()
    code = fields.String()
    received_at = fields.AwareDateTime(metadata=TIME)
    assessed_at = fields.AwareDateTime(metadata=TIME)
    country = fields.String()
    locality = fields.String()
    age_band = fields.String()
    gender = fields.String()
    needs = fields.List(fields.Nested(NeedSummarySchema))


class CasePageSchema(Schema):
    """A page of cases, newest first; `next` is the `after` of the following page."""

    items = fields.List(fields.Nested(CaseSummarySchema))
    next = fields.String(allow_none=True)


class CaseSchema(CaseSummarySchema):
    """A case in full, without what identifies the person."""

    person_id = fields.UUID()
    organization_id = fields.UUID()
    focal_point_id = fields.UUID()
    languages = fields.List(fields.String())
    household_size = fields.Integer(allow_none=True)
    consent = fields.Nested(ConsentAnswerSchema)
    needs = fields.List(fields.Nested(NeedJourneySchema))
    messages = fields.List(fields.Nested(MessageAnswerSchema))
    calls = fields.List(fields.Nested(CallAnswerSchema))


class WithdrawalAnswerSchema(Schema):
    """What was taken back. `assessment_ids`: the cases whose referrals end."""

    person_id = fields.UUID()
    scope = fields.String()
    assessment_ids = fields.List(fields.UUID())


class OutcomeReportedSchema(Schema):
    """An outcome was kept."""

    id = fields.UUID()
    referral_id = fields.UUID()
    outcome = fields.String()


class ContactAnswerSchema(Schema):
    """How to reach a person safely. Without `contact_allowed` nothing else is told."""

    person_id = fields.UUID()
    contact_allowed = fields.Boolean()
    reason = fields.String(allow_none=True, metadata={"description": "Why not, coded"})
    channel = fields.String(allow_none=True)
    phone = fields.String(allow_none=True, metadata={"description": "E.164"})
    owner = fields.String(allow_none=True)
    safe_days = fields.List(fields.String())
    safe_hours = fields.List(fields.String(), allow_none=True)
    timezone = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    sensitive_ok = fields.Boolean()
    neutral_name = fields.String(allow_none=True)
    age_band = fields.String(allow_none=True)


class ContactsAnswerSchema(Schema):
    contacts = fields.List(fields.Nested(ContactAnswerSchema))


class SharedViewSchema(Schema):
    """What an organization may know of a person who agreed to be referred to it."""

    person_id = fields.UUID()
    need_id = fields.UUID()
    name = fields.String(allow_none=True)
    age_band = fields.String()
    gender = fields.String()
    languages = fields.List(fields.String())
    accessibility = fields.List(fields.String())
    phone = fields.String(allow_none=True, metadata={"description": "Only when calling is safe"})
    phone_reason = fields.String(allow_none=True, metadata={"description": "Why there is no phone, coded"})
    phone_owner = fields.String(allow_none=True)
    channel = fields.String(allow_none=True)
    neutral_name = fields.String(allow_none=True)
    safe_days = fields.List(fields.String())
    safe_hours = fields.List(fields.String(), allow_none=True)
    timezone = fields.String(allow_none=True)


class IdentitySchema(SharedViewSchema):
    """Who the person of a case is, for the organization that made the case. Looking is written down."""

    class Meta:
        exclude = ("need_id",)
