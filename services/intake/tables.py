"""The tables of the schema `intake`, as the migrations make them. Only `store` imports this."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="intake")

ID = Uuid(as_uuid=False)
TIME = DateTime(timezone=True)
TEXTS = ARRAY(Text)
IDS = ARRAY(ID)

person = Table(
    "person",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("data_key", LargeBinary, nullable=False),
    Column("profile", LargeBinary),
    Column("age_band", Text, nullable=False),
    Column("gender", Text, nullable=False),
    Column("nationality", Text),
    Column("population_type", Text, nullable=False),
    Column("languages", TEXTS, nullable=False),
    Column("documents", TEXTS, nullable=False),
    Column("accessibility", TEXTS, nullable=False),
    Column("withdrawals", Integer, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("body_mac", LargeBinary, nullable=False),
    Column("person_id", ID, nullable=False),
    Column("organization_id", ID, nullable=False),
    Column("focal_point_id", ID, nullable=False),
    Column("country", Text, nullable=False),
    Column("locality", Text, nullable=False),
    Column("place_detail", LargeBinary),
    Column("assessed_at", TIME, nullable=False),
    Column("received_at", TIME, nullable=False),
    Column("household_size", SmallInteger),
    Column("children", ARRAY(SmallInteger), nullable=False),
    Column("preferences", TEXTS, nullable=False),
    Column("criteria", LargeBinary),
    Column("restricted_only", Boolean, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("assessment_id", ID, primary_key=True),
    Column("share", Boolean, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("assent", Boolean, nullable=False),
    Column("contact", Boolean, nullable=False),
    Column("statistics", Boolean, nullable=False),
    Column("authorities", Boolean, nullable=False),
    Column("withheld_from", IDS, nullable=False),
    Column("obtained_at", TIME, nullable=False),
    Column("override_basis", Text),
    Column("override_author", Text),
    Column("override_approver", Text),
    Column("share_withdrawn_at", TIME),
    Column("contact_withdrawn_at", TIME),
)

safe_contact = Table(
    "safe_contact",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID, nullable=False),
    Column("assessment_id", ID, nullable=False),
    Column("channel", Text, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("neutral_name", LargeBinary),
    Column("owner", Text, nullable=False),
    Column("safe_days", TEXTS, nullable=False),
    Column("safe_from", Text),
    Column("safe_until", Text),
    Column("timezone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("sensitive_ok", Boolean, nullable=False),
    Column("recorded_at", TIME, nullable=False),
    Column("opted_out_at", TIME),
)

need = Table(
    "need",
    metadata,
    Column("id", ID, primary_key=True),
    Column("assessment_id", ID, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("restricted", Boolean, nullable=False),
    Column("refer", Boolean, nullable=False),
    Column("facts", LargeBinary),
)

need_referral = Table(
    "need_referral",
    metadata,
    Column("referral_id", ID, primary_key=True),
    Column("need_id", ID, nullable=False),
    Column("assessment_id", ID, nullable=False),
    Column("person_id", ID, nullable=False),
    Column("organization_id", ID),
    Column("service_id", ID),
    Column("focal_point_id", ID),
    Column("service_type", Text),
    Column("priority", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("turn", Text, nullable=False),
    Column("due_at", TIME),
    Column("predecessor_id", ID),
    Column("appointment_at", TIME),
    Column("outcome", Text),
    Column("missed_clock", Text),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
)

need_message = Table(
    "need_message",
    metadata,
    Column("notification_id", ID, primary_key=True),
    Column("assessment_id", ID, nullable=False),
    Column("referral_id", ID),
    Column("audience", Text, nullable=False),
    Column("template_id", Text, nullable=False),
    Column("channel", Text),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
)

need_gap = Table(
    "need_gap",
    metadata,
    Column("gap_id", ID, primary_key=True),
    Column("need_id", ID, nullable=False),
    Column("assessment_id", ID, nullable=False),
    Column("focal_point_id", ID),
    Column("service_type", Text),
    Column("reason", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("recorded_at", TIME, nullable=False),
)

call = Table(
    "call",
    metadata,
    Column("call_id", ID, primary_key=True),
    Column("assessment_id", ID),
    Column("referral_id", ID),
    Column("person_id", ID),
    Column("focal_point_id", ID),
    Column("reason", Text, nullable=False),
    Column("due_at", TIME, nullable=False),
    Column("requested_at", TIME, nullable=False),
    Column("done_at", TIME),
)

outcome = Table(
    "outcome",
    metadata,
    Column("outcome_id", ID, primary_key=True),
    Column("referral_id", ID, nullable=False),
    Column("assessment_id", ID, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("follow_up", Text),
    Column("reported_by", ID),
    Column("reported_at", TIME, nullable=False),
)

consent_policy = Table(
    "consent_policy",
    metadata,
    Column("pathway", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("periods", JSONB, nullable=False),
    Column("told_at", TIME, nullable=False),
)

access = Table(
    "access",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", TIME, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organization_id", ID),
    Column("person_id", ID, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
)
