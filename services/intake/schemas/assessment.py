"""The body of an assessment, field by field."""

from __future__ import annotations

from marshmallow import RAISE, Schema

from services.intake.domain.consent import BASES, GIVERS
from services.intake.schemas.facts import Facts
from services.intake.schemas.fields import (
    Choice,
    Coding,
    Day,
    Group,
    Groups,
    Hour,
    Identifier,
    Matching,
    Moment,
    Several,
    Text,
    Whole,
    YesNo,
)

ANSWERS = ("granted", "refused")
CHANNELS = ("sms", "whatsapp", "call")
OWNERS = ("self", "shared", "third_person")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_NEEDS = 20
MAX_CHILDREN = 20


class StrictSchema(Schema):
    """A schema that refuses what it does not know; read by `fields.read_fields`, in codes of our own."""

    class Meta:
        unknown = RAISE


class PlaceSchema(StrictSchema):
    country = Coding("countries", required=True, metadata={"example": "CO"})
    locality = Coding("localities", required=True, metadata={"example": "CO-CUCUTA"})
    detail = Text(limit=200, allow_none=True, load_default=None)


class PersonSchema(StrictSchema):
    id = Identifier(metadata={"description": "The person's id, when the person is known already"})
    name = Text(limit=120, allow_none=True, load_default=None)
    birth_date = Day(allow_none=True, load_default=None)
    age = Whole(0, 120, allow_none=True, load_default=None)
    gender = Coding("genders", required=True)
    nationality = Matching("[A-Z]{2}", "unknown_code", allow_none=True, load_default=None)
    population_type = Coding("population_types", required=True)
    languages = Several(Coding("languages"), limit=10, load_default=list)
    documents = Several(Coding("documents"), limit=20, load_default=list)
    accessibility = Several(Coding("accessibility"), limit=10, load_default=list)


class HouseholdSchema(StrictSchema):
    size = Whole(1, 60, allow_none=True, load_default=None)
    children = Groups(Whole(0, 17), limit=MAX_CHILDREN, load_default=list)


class OverrideSchema(StrictSchema):
    basis = Choice(*BASES, required=True)
    author = Text(limit=80, required=True)
    approver = Text(limit=80, required=True)


class ConsentSchema(StrictSchema):
    share = Choice(*ANSWERS, required=True)
    given_by = Choice(*GIVERS, required=True)
    assent = YesNo(load_default=False)
    contact = Choice(*ANSWERS, load_default="refused")
    statistics = Choice(*ANSWERS, load_default="refused")
    authorities = Choice(*ANSWERS, load_default="refused")
    withheld_from = Several(Identifier(), limit=50, load_default=list)
    obtained_at = Moment(required=True)
    override = Group(OverrideSchema, allow_none=True, load_default=None)


class SafeContactSchema(StrictSchema):
    channel = Choice(*CHANNELS, required=True)
    phone = Text(limit=40, required=True, metadata={"example": "+573001234567"})
    owner = Choice(*OWNERS, required=True)
    safe_days = Several(Choice(*DAYS), limit=7, load_default=list)
    safe_hours = Groups(Hour(), limit=2, allow_none=True, load_default=None)
    timezone = Text(limit=60, allow_none=True, load_default=None, metadata={"example": "America/Bogota"})
    language = Coding("languages", load_default="es")
    sensitive_ok = YesNo(load_default=False)
    neutral_name = Text(limit=40, allow_none=True, load_default=None)


class NeedSchema(StrictSchema):
    id = Identifier()
    code = Coding("needs", required=True, metadata={"example": "LEG.DOC"})
    refer = YesNo(load_default=True)
    facts = Facts(load_default=dict)


class AssessmentSchema(StrictSchema):
    """One assessment. `id` is the sender's: the same id with the same content is answered the same."""

    id = Identifier(required=True)
    assessed_at = Moment(required=True)
    place = Group(PlaceSchema, required=True)
    person = Group(PersonSchema, required=True)
    household = Group(HouseholdSchema, allow_none=True, load_default=None)
    consent = Group(ConsentSchema, required=True)
    safe_contact = Group(SafeContactSchema, allow_none=True, load_default=None)
    preferences = Several(Coding("preferences"), limit=10, load_default=list)
    criteria = Several(Coding("criteria"), limit=40, load_default=list)
    needs = Groups(Group(NeedSchema), limit=MAX_NEEDS, required=True)
