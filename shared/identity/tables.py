"""Tables of schema `identity`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData(schema="identity")
Id = UUID(as_uuid=False)
Time = DateTime(timezone=True)

organization = Table(
    "organization",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Time, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organization_id", Id, ForeignKey("identity.organization.id")),
    Column("locale", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("totp_secret", LargeBinary),
    Column("totp_confirmed_at", Time),
    Column("totp_last_step", BigInteger, nullable=False),
    Column("disabled_at", Time),
    Column("created_at", Time, nullable=False),
    Column("signed_in_at", Time),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organization_id", Id, ForeignKey("identity.organization.id")),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("revoked_at", Time),
)

revocation = Table(
    "revocation",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("revoked_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
)

failure = Table(
    "failure",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("slot", Time, primary_key=True),
    Column("count", Integer, nullable=False),
)
