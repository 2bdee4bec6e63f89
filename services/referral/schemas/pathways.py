"""Versions of rule tables, as callers send and get them."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from services.referral.schemas.requests import MAX_VERSION, Id
from shared.web.messages import Coded


class SeenSchema(ma.Schema):
    """The version number on which the step was decided."""

    version = ma.fields.Integer(required=True, strict=True, validate=Range(min=1, max=MAX_VERSION))


class SeenQuerySchema(ma.Schema):
    version = ma.fields.Integer(required=True, validate=Range(min=1, max=MAX_VERSION))


class DraftSchema(ma.Schema):
    note = ma.fields.String(required=True, validate=Length(min=3, max=500))
    contingency = ma.fields.Boolean(load_default=False)


class ReasonedSchema(SeenSchema):
    reason = ma.fields.String(required=True, validate=Length(min=3, max=500))


class ExemptSchema(ReasonedSchema):
    keys = ma.fields.List(ma.fields.String(), required=True, validate=Length(min=1, max=2_000))
    expires_on = ma.fields.Date(required=True)


class ApproveSchema(SeenSchema):
    live_from = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    live_until = ma.fields.AwareDateTime(load_default=None, allow_none=True)


HUNDRED = 100


def _in_hundreds(limit: int) -> None:
    """Two replays that differ by one case would tell that person's needs."""
    if limit % HUNDRED:
        raise ma.ValidationError(Coded("Elija un número de cientos: 100, 200, 1000.", code="not_hundreds"))


class ReplaySchema(ma.Schema):
    """`limit`: so many of the newest cases, in hundreds. `directory`: as it was when each case was decided (`then`), as
    it is (`now`), or both."""

    limit = ma.fields.Integer(
        load_default=1_000,
        strict=True,
        validate=[Range(min=HUNDRED, max=5_000), _in_hundreds],
        metadata={"multipleOf": HUNDRED},
    )
    directory = ma.fields.String(load_default="both", validate=OneOf(["then", "now", "both"]))


class ReplayFilesSchema(ReplaySchema):
    """The CSV files of a pathway, by file name."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=Length(min=1, max=100)),
        values=ma.fields.String(),
        required=True,
        validate=Length(min=1, max=50),
    )


class CaseSchema(ma.Schema):
    """A person as the rules see them."""

    country = ma.fields.String(required=True)
    age_band = ma.fields.String(load_default="unknown")
    gender = ma.fields.String(load_default="unknown")
    population_type = ma.fields.String(load_default="unknown")
    documents = ma.fields.List(ma.fields.String(), load_default=list)
    criteria = ma.fields.List(ma.fields.String(), load_default=list)
    need = ma.fields.String(required=True)
    facts = ma.fields.Dict(load_default=dict)


class FindingSchema(ma.Schema):
    key = ma.fields.String()
    kind = ma.fields.String()
    table = ma.fields.String()
    rows = ma.fields.List(ma.fields.String())
    sentence = ma.fields.String()
    blocking = ma.fields.Boolean()
    answered_by = ma.fields.String(allow_none=True)
    expires_on = ma.fields.Date(allow_none=True)


class PathwayVersionSchema(ma.Schema):
    """`standing` is draft, proved, proposed, scheduled, live, superseded or retired."""

    id = Id()
    pathway = ma.fields.String()
    content_hash = ma.fields.String()
    state = ma.fields.String()
    standing = ma.fields.String()
    version = ma.fields.Integer()
    note = ma.fields.String()
    based_on = ma.fields.String()
    contingency = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()
    proved_at = ma.fields.AwareDateTime(allow_none=True)
    live_from = ma.fields.AwareDateTime(allow_none=True)
    live_until = ma.fields.AwareDateTime(allow_none=True)
    files = ma.fields.List(ma.fields.String(), metadata={"description": "Names of its files"})
    findings = ma.fields.List(ma.fields.Nested(FindingSchema))


class PathwayVersionsSchema(ma.Schema):
    live = ma.fields.String(metadata={"description": "Id of the version in force, or `packaged`"})
    items = ma.fields.List(ma.fields.Nested(PathwayVersionSchema))


class ChangeSchema(ma.Schema):
    table = ma.fields.String()
    row_id = ma.fields.String()
    kind = ma.fields.String()
    sentence = ma.fields.String()


class ChangesSchema(ma.Schema):
    """`overtaken`: other rules came into force since it was begun; some of these changes undo them."""

    overtaken = ma.fields.Boolean()
    items = ma.fields.List(ma.fields.Nested(ChangeSchema))


FEW = "null: fewer than 5"
MORE = "And fewer than 5 besides, in groups too small to be shown"


class MovedSchema(ma.Schema):
    before = ma.fields.String()
    after = ma.fields.String()
    count = ma.fields.Integer(allow_none=True, metadata={"description": FEW})
    more = ma.fields.Boolean(metadata={"description": MORE})


class DetailSchema(ma.Schema):
    """What differs in one aspect: priority, services, deadline, window (hours), floor, mode, provider, waits, consent,
    offers, excluded or clocks."""

    aspect = ma.fields.String()
    before = ma.fields.String()
    after = ma.fields.String()


class RowSchema(ma.Schema):
    row = ma.fields.String()
    title = ma.fields.String()


class ChangedDecisionSchema(ma.Schema):
    """Decisions that change alike, and why: rows that matched only under the rules in force, and only under the others.
    Age band and gender are null where fewer than five people share them."""

    need = ma.fields.String()
    age_band = ma.fields.String(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    before = ma.fields.String()
    after = ma.fields.String()
    details = ma.fields.List(ma.fields.Nested(DetailSchema))
    only_before = ma.fields.List(ma.fields.Nested(RowSchema))
    only_after = ma.fields.List(ma.fields.Nested(RowSchema))
    loses_protection = ma.fields.Boolean()
    count = ma.fields.Integer(allow_none=True, metadata={"description": FEW})


class GroupSchema(ma.Schema):
    """Changed decisions of a group. Age band and gender are null where fewer than five people share them."""

    need = ma.fields.String()
    age_band = ma.fields.String(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    count = ma.fields.Integer(allow_none=True, metadata={"description": FEW})


class EffectSchema(ma.Schema):
    """More or fewer referrals to an organization, with the directory of then and of now."""

    organization_id = ma.fields.String()
    name = ma.fields.String()
    then = ma.fields.Integer(allow_none=True, metadata={"description": FEW})
    now = ma.fields.Integer(allow_none=True, metadata={"description": FEW})


class DirectoryEffectSchema(ma.Schema):
    gaps_before = ma.fields.Integer(
        allow_none=True, metadata={"description": f"Requests that nobody could meet. {FEW}"}
    )
    gaps_after = ma.fields.Integer(
        allow_none=True,
        metadata={
            "description": f"{FEW}; or fewer than 5 more or less than `gaps_before`, where that is told"
        },
    )
    unprotected = ma.fields.Boolean(
        metadata={"description": "Protective help had a provider before, and has none after"}
    )


class DirectoriesSchema(ma.Schema):
    then = ma.fields.Nested(DirectoryEffectSchema)
    now = ma.fields.Nested(DirectoryEffectSchema)


class ReplayAnswerSchema(ma.Schema):
    """What would change. Nobody is identified; groups of fewer than five have no number."""

    cases = ma.fields.Integer()
    needs = ma.fields.Integer()
    undecided = ma.fields.Integer(
        allow_none=True, metadata={"description": f"Cases neither set of rules has an answer for. {FEW}"}
    )
    unknown_then = ma.fields.Integer(
        allow_none=True,
        metadata={"description": f"Cases of which nobody knows by which directory they were decided. {FEW}"},
    )
    differences = ma.fields.Integer(allow_none=True, metadata={"description": FEW})
    more = ma.fields.Boolean(metadata={"description": MORE})
    stops = ma.fields.Boolean(
        metadata={"description": "A person with a safety flag would lose a protective route"}
    )
    matrix = ma.fields.List(ma.fields.Nested(MovedSchema))
    changes = ma.fields.List(ma.fields.Nested(ChangedDecisionSchema))
    groups = ma.fields.List(ma.fields.Nested(GroupSchema))
    providers = ma.fields.List(ma.fields.Nested(EffectSchema))
    directories = ma.fields.Nested(DirectoriesSchema)


class TriedSchema(ma.Schema):
    """What the rules say about a case, with the rows that decided it."""

    priority = ma.fields.String()
    deadline_hours = ma.fields.Integer()
    reasons = ma.fields.List(ma.fields.Dict())
    services = ma.fields.List(ma.fields.Dict())
    offers = ma.fields.List(ma.fields.Dict())
    notices = ma.fields.List(ma.fields.Dict())
