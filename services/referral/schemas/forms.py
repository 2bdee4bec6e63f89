"""The steps of a referral as pages send them: everything is text."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length, Range

from services.referral.schemas.requests import MAX_VERSION


class StepForm(ma.Schema):
    """Any step. Times of appointments are local, as the browser's own control writes them."""

    version = ma.fields.Integer(required=True, validate=Range(min=1, max=MAX_VERSION))
    reason = ma.fields.String(load_default=None, validate=Length(max=40))
    note = ma.fields.String(load_default=None, validate=Length(max=280))
    outcome = ma.fields.String(load_default=None, validate=Length(max=40))
    contact_attempts = ma.fields.Integer(load_default=0, validate=Range(min=0, max=99))
    appointment_at = ma.fields.NaiveDateTime(load_default=None)


class PlacesForm(ma.Schema):
    """Places left of one service, believed for some days."""

    status = ma.fields.String(load_default="has_capacity", validate=Length(max=40))
    available = ma.fields.Integer(load_default=None, validate=Range(min=0, max=100_000))
    days = ma.fields.Integer(load_default=7, validate=Range(min=1, max=90))


class CloseGapForm(ma.Schema):
    """Why nothing more is asked."""

    reason = ma.fields.String(load_default=None, validate=Length(max=40))
