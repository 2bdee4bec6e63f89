"""What the pages of the rules send."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from services.referral.schemas.requests import MAX_VERSION
from shared import codes


class DraftForm(ma.Schema):
    note = ma.fields.String(required=True, validate=Length(min=3, max=500))
    contingency = ma.fields.Boolean(load_default=False)


class SeenForm(ma.Schema):
    version = ma.fields.Integer(required=True, validate=Range(min=1, max=MAX_VERSION))


class TableForm(SeenForm):
    """The rows come as `cells` (CSV text) or as an uploaded `file`."""


class ReasonForm(SeenForm):
    reason = ma.fields.String(required=True, validate=Length(min=3, max=500))


class ExemptForm(ReasonForm):
    keys = ma.fields.List(ma.fields.String(), required=True, validate=Length(min=1, max=2_000))
    expires_on = ma.fields.Date(required=True)


class ApproveForm(SeenForm):
    live_from = ma.fields.Date(load_default=None)
    live_until = ma.fields.Date(load_default=None)


class TryForm(ma.Schema):
    country = ma.fields.String(required=True, validate=OneOf(list(codes.load("countries"))))
    age_band = ma.fields.String(load_default="unknown", validate=OneOf([*codes.load("age_bands")]))
    gender = ma.fields.String(load_default="unknown", validate=OneOf([*codes.load("genders")]))
    need = ma.fields.String(required=True, validate=OneOf(list(codes.load("needs"))))


class KeysForm(SeenForm):
    keys = ma.fields.List(ma.fields.String(), required=True, validate=Length(min=1, max=2_000))


class LeaveForm(ma.Schema):
    locality = ma.fields.String(required=True, validate=Length(min=1, max=64))
    reason = ma.fields.String(required=True, validate=Length(min=3, max=500))


class ReplayForm(ma.Schema):
    directory = ma.fields.String(load_default="both", validate=OneOf(["then", "now", "both"]))
