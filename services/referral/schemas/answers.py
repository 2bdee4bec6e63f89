"""What callers get."""

from __future__ import annotations

import marshmallow as ma

from shared.web.problems import ProblemSchema


def _time() -> ma.fields.AwareDateTime:
    return ma.fields.AwareDateTime(allow_none=True)


class ConflictSchema(ProblemSchema):
    """Why the state of things does not allow it, and what it does allow."""

    allowed = ma.fields.List(
        ma.fields.String(), metadata={"description": "The steps the caller may take instead"}
    )
    referral_status = ma.fields.String(metadata={"description": "Where the referral stands"})
    version = ma.fields.Integer(metadata={"description": "The version that stands"})
    reference = ma.fields.String()
    gap = ma.fields.String(metadata={"description": "Why nobody is left to ask"})


class ReferralSchema(ma.Schema):
    """A referral as the caller may read it. What is null is not the caller's to know, or not known."""

    id = ma.fields.UUID()
    code = ma.fields.String(metadata={"description": "Six characters by which people speak of the case"})
    assessment_id = ma.fields.UUID()
    need_id = ma.fields.UUID(allow_none=True)
    need_code = ma.fields.String(allow_none=True)
    service_type = ma.fields.String(allow_none=True)
    sensitivity = ma.fields.String()
    priority = ma.fields.Integer()
    mode = ma.fields.String()
    waiting = ma.fields.Boolean(
        metadata={"description": "A draft that is sent by itself when its turn comes"}
    )
    status = ma.fields.String()
    reason = ma.fields.String(allow_none=True)
    turn = ma.fields.String()
    version = ma.fields.Integer()
    allowed = ma.fields.List(
        ma.fields.String(), metadata={"description": "The steps the caller may take now"}
    )
    organization_id = ma.fields.UUID()
    service_id = ma.fields.UUID()
    referring_organization_id = ma.fields.UUID(allow_none=True)
    country = ma.fields.String()
    locality = ma.fields.String()
    age_band = ma.fields.String(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    languages = ma.fields.List(ma.fields.String(), allow_none=True)
    contact_allowed = ma.fields.Boolean(allow_none=True)
    attempt = ma.fields.Integer()
    predecessor_id = ma.fields.UUID(allow_none=True)
    successor_id = ma.fields.UUID(allow_none=True)
    outcome = ma.fields.String(allow_none=True)
    appointment_at = _time()
    created_at = _time()
    changed_at = _time()
    needed_by = _time()
    due_at = _time()
    escalated_to = ma.fields.String(allow_none=True)
    escalated_at = _time()


class ReferralPageSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(ReferralSchema))
    next = ma.fields.String(allow_none=True)


class TakenSchema(ma.Schema):
    """A step that was taken."""

    version = ma.fields.Integer()
    action = ma.fields.String()
    party = ma.fields.String()
    from_status = ma.fields.String(allow_none=True)
    to_status = ma.fields.String()
    reason = ma.fields.String(allow_none=True)
    note = ma.fields.String(allow_none=True)
    at = _time()


class HistorySchema(ma.Schema):
    steps = ma.fields.List(ma.fields.Nested(TakenSchema))


class PersonSchema(ma.Schema):
    """Who the person is, as far as consent covers it now."""

    available = ma.fields.Boolean(metadata={"description": "False when consent does not cover it"})
    name = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    phone_reason = ma.fields.String(allow_none=True)
    phone_owner = ma.fields.String(allow_none=True)
    channel = ma.fields.String(allow_none=True)
    neutral_name = ma.fields.String(allow_none=True)
    safe_days = ma.fields.List(ma.fields.String())
    safe_hours = ma.fields.List(ma.fields.String())
    timezone = ma.fields.String(allow_none=True)
    accessibility = ma.fields.List(ma.fields.String())


class ReceiptTextSchema(ma.Schema):
    """Why this, why not that."""

    id = ma.fields.UUID()
    reader = ma.fields.String()
    text = ma.fields.List(ma.fields.String(), metadata={"description": "Paragraphs in the caller's language"})
    why_not = ma.fields.String(allow_none=True)
    receipt = ma.fields.Dict(allow_none=True, metadata={"description": "The record itself, for auditors"})


class GapSchema(ma.Schema):
    """A need for which nobody reachable could be asked."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    assessment_id = ma.fields.UUID()
    service_type = ma.fields.String(allow_none=True)
    country = ma.fields.String()
    locality = ma.fields.String()
    priority = ma.fields.Integer()
    reason = ma.fields.String()
    referral_id = ma.fields.UUID(allow_none=True)
    created_at = _time()
    closed_at = _time()
    closed_reason = ma.fields.String(allow_none=True)


class GapPageSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(GapSchema))
    next = ma.fields.String(allow_none=True)


class ClocksAnswerSchema(ma.Schema):
    """What waits for the coordinator, worst first."""

    items = ma.fields.List(ma.fields.Nested(ReferralSchema))


class CapacityAnswerSchema(ma.Schema):
    service_id = ma.fields.UUID()
    status = ma.fields.String()
    available = ma.fields.Integer(allow_none=True)
    valid_until = _time()
    updated_at = _time()


class ServiceSchema(ma.Schema):
    """A service of the directory."""

    id = ma.fields.UUID()
    organization_id = ma.fields.UUID()
    organization_name = ma.fields.String()
    name = ma.fields.String()
    description = ma.fields.String()
    active = ma.fields.Boolean()
    types = ma.fields.List(ma.fields.String())
    country = ma.fields.String()
    areas = ma.fields.List(ma.fields.String())
    national = ma.fields.Boolean()
    remote = ma.fields.Boolean()
    capabilities = ma.fields.List(ma.fields.String())
    serves = ma.fields.List(ma.fields.String())
    minimum_age = ma.fields.Float(allow_none=True)
    maximum_age = ma.fields.Float(allow_none=True)
    languages = ma.fields.List(ma.fields.String())
    documents = ma.fields.List(ma.fields.String())
    other_documents = ma.fields.List(ma.fields.String())
    accessibility = ma.fields.List(ma.fields.String())
    free = ma.fields.Boolean()
    always_open = ma.fields.Boolean()
    confidential = ma.fields.Boolean()
    alert = ma.fields.String(allow_none=True)
    url = ma.fields.String(allow_none=True)
    application_process = ma.fields.String()
    phones = ma.fields.List(ma.fields.String())
    valid_from = ma.fields.Date(allow_none=True)
    valid_to = ma.fields.Date(allow_none=True)
    verified_at = ma.fields.Date(allow_none=True)
    verified_by = ma.fields.String(allow_none=True)
    source = ma.fields.String(allow_none=True)
    next_check = ma.fields.Date(allow_none=True)
    capacity_status = ma.fields.String(allow_none=True)
    available = ma.fields.Integer(allow_none=True)
    valid_until = _time()


class ServicePageSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(ServiceSchema))
    next = ma.fields.String(allow_none=True)


class OffersSchema(ma.Schema):
    offers = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"description": "By locality: the kinds of help that somebody gives"},
    )


class VerificationSchema(ma.Schema):
    """Whether a receipt came out the same when it was derived again."""

    id = ma.fields.UUID()
    agrees = ma.fields.Boolean()
    whole = ma.fields.Boolean(
        metadata={"description": "False: matching alone, because the person's answers were erased"}
    )
    reason = ma.fields.String(
        allow_none=True,
        metadata={"description": "Why it cannot be derived: `format`, `case`, `rules` or `directory`"},
    )
    differs = ma.fields.List(ma.fields.String(), metadata={"description": "Paths that came out otherwise"})
    sha256 = ma.fields.String(metadata={"description": "Of the receipt as it is kept"})


class DecidedSchema(ma.Schema):
    """One decision as of a moment. Of a restricted need a coordinator learns no more than that there is one."""

    sensitivity = ma.fields.String()
    priority = ma.fields.Integer()
    need_code = ma.fields.String(allow_none=True)
    service_type = ma.fields.String(allow_none=True)
    row_id = ma.fields.String(allow_none=True)
    organization_id = ma.fields.UUID(allow_none=True)
    service_id = ma.fields.UUID(allow_none=True)
    name = ma.fields.String(allow_none=True)
    gap = ma.fields.String(allow_none=True)


class DecidedAnswerSchema(ma.Schema):
    at = _time()
    rules_version = ma.fields.String()
    directory_version = ma.fields.Integer()
    items = ma.fields.List(ma.fields.Nested(DecidedSchema))


class OrganizationSchema(ma.Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    description = ma.fields.String()
    kind = ma.fields.String()
    country = ma.fields.String()
    website = ma.fields.String(allow_none=True)


class OrganizationPageSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(OrganizationSchema))
    next = ma.fields.String(allow_none=True)


class ContactSchema(ma.Schema):
    """Where messages for an organization's staff go."""

    organization_id = ma.fields.UUID()
    phone = ma.fields.String(allow_none=True)
    language = ma.fields.String()
    timezone = ma.fields.String()


class ContactsAnswerSchema(ma.Schema):
    contacts = ma.fields.List(ma.fields.Nested(ContactSchema))
