"""What the forms and the API of accounts accept."""

from __future__ import annotations

import marshmallow as ma

from shared.identity.operations.accounts import PEOPLE
from shared.identity.passwords import MAX_LENGTH
from shared.web.catalog import LANGUAGES

ROLE = ma.validate.OneOf(PEOPLE)
LOCALE = ma.validate.OneOf(list(LANGUAGES))


class SignInSchema(ma.Schema):
    username = ma.fields.String(required=True, validate=ma.validate.Length(max=80))
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))


class CodeSchema(ma.Schema):
    code = ma.fields.String(required=True, validate=ma.validate.Length(max=12))


class FirstPasswordSchema(ma.Schema):
    chosen = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))


class PasswordSchema(ma.Schema):
    current = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))
    chosen = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))


class ProfileSchema(ma.Schema):
    locale = ma.fields.String(required=True, validate=LOCALE)


class NewAccountSchema(ma.Schema):
    username = ma.fields.String(required=True, validate=ma.validate.Length(max=80))
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=120))
    role = ma.fields.String(required=True, validate=ROLE)
    organization_id = ma.fields.UUID(load_default=None)
    locale = ma.fields.String(load_default="es", validate=LOCALE)
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))


class ResetSchema(ma.Schema):
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=MAX_LENGTH))


class NewOrganizationSchema(ma.Schema):
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=200))


class NewTokenSchema(ma.Schema):
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=120))
    role = ma.fields.String(required=True, validate=ROLE)
    organization_id = ma.fields.UUID(load_default=None)


class RevocationSchema(ma.Schema):
    """A token's or an account's id whose tokens signed up to `revoked_at` are refused."""

    subject = ma.fields.String(required=True)
    revoked_at = ma.fields.AwareDateTime(required=True)


class RevocationsSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(RevocationSchema), required=True)
