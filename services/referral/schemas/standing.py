"""The rules in force, as callers see and answer for them."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length

from services.referral.schemas.pathways import SeenSchema


class KeysSchema(SeenSchema):
    """Findings by key."""

    keys = ma.fields.List(ma.fields.String(), required=True, validate=Length(min=1, max=2_000))


class StandingSchema(ma.Schema):
    """`standing` is blocking, unanswered, expired, awaiting, expiring or answered."""

    key = ma.fields.String()
    standing = ma.fields.String()
    table = ma.fields.String()
    rows = ma.fields.List(ma.fields.String())
    place = ma.fields.String(
        allow_none=True, metadata={"description": "Locality where nobody gives the help"}
    )
    sentence = ma.fields.String()
    since = ma.fields.AwareDateTime()
    expires_on = ma.fields.Date(allow_none=True)


class LackingSchema(ma.Schema):
    """A row or safety promise that comes with this release and is not in the version in force."""

    table = ma.fields.String()
    row = ma.fields.String()
    sentence = ma.fields.String()


class InForceSchema(ma.Schema):
    id = ma.fields.String(metadata={"description": "Id of the version in force, or `packaged`"})
    checked_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "null: not looked at yet"})
    demands = ma.fields.Integer(metadata={"description": "How many somebody has to act on now"})
    items = ma.fields.List(ma.fields.Nested(StandingSchema))
    lacking = ma.fields.List(ma.fields.Nested(LackingSchema))
