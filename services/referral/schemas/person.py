"""What we read of intake's answer about a person. Fields we do not know are let by."""

from __future__ import annotations

import marshmallow as ma


class SharedViewSchema(ma.Schema):
    """A person as shared."""

    class Meta:
        unknown = ma.EXCLUDE

    name = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    phone_reason = ma.fields.String(allow_none=True)
    phone_owner = ma.fields.String(allow_none=True)
    channel = ma.fields.String(allow_none=True)
    neutral_name = ma.fields.String(allow_none=True)
    safe_days = ma.fields.List(ma.fields.String(), allow_none=True)
    safe_hours = ma.fields.List(ma.fields.String(), allow_none=True)
    timezone = ma.fields.String(allow_none=True)
    accessibility = ma.fields.List(ma.fields.String(), allow_none=True)
