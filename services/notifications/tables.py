"""The tables of the schema `notifications`, as the migrations make them. Only `store` imports this."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
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

metadata = MetaData(schema="notifications")

ID = Uuid(as_uuid=False)
TIME = DateTime(timezone=True)

notification = Table(
    "notification",
    metadata,
    Column("id", ID, primary_key=True),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("audience", Text, nullable=False),
    Column("template_id", Text, nullable=False),
    Column("variables", JSONB, nullable=False),
    Column("assessment_id", ID),
    Column("referral_id", ID),
    Column("person_id", ID),
    Column("organization_id", ID),
    Column("focal_point_id", ID),
    Column("follow_up_id", ID),
    Column("sensitivity", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("sent_template_id", Text),
    Column("language", Text),
    Column("due_at", TIME, nullable=False),
    Column("expires_at", TIME),
    Column("attempts", SmallInteger, nullable=False),
    Column("token", ID),
    Column("lease_until", TIME),
    Column("version", Integer, nullable=False),
    Column("correlation_id", Text),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("notification_id", ID, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("number_index", LargeBinary),
    Column("started_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("ended", Text),
    Column("error_class", Text),
    Column("report", Text),
    Column("reported_at", TIME),
    Column("answered_at", TIME),
    Column("answer", Text),
)

report = Table(
    "report",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("code", SmallInteger, primary_key=True),
    Column("received_at", TIME, nullable=False),
    Column("settled_at", TIME),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", ID, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("number_indexes", ARRAY(LargeBinary), nullable=False),
    Column("sealed_text", LargeBinary),
    Column("received_at", TIME, nullable=False),
    Column("read_at", TIME),
    Column("kind", Text),
    Column("delivery_id", ID),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", ID, primary_key=True),
    Column("check_id", Text, nullable=False),
    Column("referral_id", ID, nullable=False),
    Column("assessment_id", ID, nullable=False),
    Column("person_id", ID, nullable=False),
    Column("focal_point_id", ID),
    Column("sensitivity", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("mode", Text, nullable=False),
    Column("ends_when_completed", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("due_at", TIME, nullable=False),
    Column("correlation_id", Text),
    Column("template_id", Text),
    Column("outcome_if_yes", Text),
    Column("outcome_if_no", Text),
    Column("organization_id", ID),
)

call = Table(
    "call",
    metadata,
    Column("id", ID, primary_key=True),
    Column("about", ID, nullable=False),
    Column("assessment_id", ID),
    Column("referral_id", ID),
    Column("person_id", ID),
    Column("focal_point_id", ID),
    Column("notification_id", ID),
    Column("reason", Text, nullable=False),
    Column("sensitivity", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", TIME, nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("closed_at", TIME),
    Column("closed_by", ID),
    Column("result", Text),
    Column("organization_id", ID),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", TIME, nullable=False),
    Column("lifted_at", TIME),
    Column("lifted_by", ID),
)

contact_slot = Table(
    "contact_slot",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("notification_id", ID, nullable=False),
)

restricted_person = Table(
    "restricted_person",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("since", TIME, nullable=False),
)

sandbox_message = Table(
    "sandbox_message",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number_index", LargeBinary, nullable=False),
    Column("phone_end", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", TIME, nullable=False),
)
