"""The columns of the schema `referral` and their SQL types, as the migrations make them. Only `store` imports this.

Whole batches travel to PostgreSQL as one JSON text (`jsonb_to_recordset`), which wants each column with its type.
"""

from __future__ import annotations

from collections.abc import Mapping

Columns = Mapping[str, str]

ORGANIZATION: Columns = {
    "id": "uuid",
    "name": "text",
    "description": "text",
    "kind": "text",
    "country": "text",
    "phone": "text",
    "language": "text",
    "timezone": "text",
    "email": "text",
    "website": "text",
    "gates": "jsonb",
    "fingerprint": "text",
}
LOCATION: Columns = {
    "id": "uuid",
    "name": "text",
    "locality": "text",
    "address": "text",
    "latitude": "double precision",
    "longitude": "double precision",
    "confidential": "boolean",
}
SERVICE: Columns = {
    "id": "uuid",
    "organization_id": "uuid",
    "name": "text",
    "description": "text",
    "active": "boolean",
    "types": "text[]",
    "country": "text",
    "areas": "text[]",
    "national": "boolean",
    "remote": "boolean",
    "capabilities": "text[]",
    "serves": "text[]",
    "minimum_age": "double precision",
    "maximum_age": "double precision",
    "languages": "text[]",
    "documents": "text[]",
    "other_documents": "text[]",
    "accessibility": "text[]",
    "free": "boolean",
    "openings": "jsonb",
    "always_open": "boolean",
    "public": "boolean",
    "gates": "jsonb",
    "confidential": "boolean",
    "alert": "text",
    "url": "text",
    "application_process": "text",
    "phones": "text[]",
    "location_ids": "uuid[]",
    "valid_from": "date",
    "valid_to": "date",
    "verified_at": "date",
    "verified_by": "text",
    "source": "text",
    "next_check": "date",
    "fingerprint": "text",
}
REFERRAL: Columns = {
    "id": "uuid",
    "assessment_id": "uuid",
    "person_id": "uuid",
    "need_id": "uuid",
    "need_code": "text",
    "service_type": "text",
    "sensitivity": "text",
    "priority": "smallint",
    "mode": "text",
    "route": "jsonb",
    "organization_id": "uuid",
    "service_id": "uuid",
    "referring_organization_id": "uuid",
    "focal_point_id": "uuid",
    "country": "text",
    "locality": "text",
    "age_band": "text",
    "gender": "text",
    "languages": "text[]",
    "contact_allowed": "boolean",
    "status": "text",
    "reason": "text",
    "held_from": "text",
    "limits": "integer[]",
    "deadline_hours": "double precision",
    "needed_by": "timestamptz",
    "created_at": "timestamptz",
    "changed_at": "timestamptz",
    "since": "timestamptz",
    "marked": "timestamptz",
    "due_at": "timestamptz",
    "decide_due": "timestamptz",
    "decide_since": "timestamptz",
    "paused": "boolean",
    "turn": "text",
    "version": "integer",
    "settled": "integer",
    "attempt": "smallint",
    "predecessor_id": "uuid",
    "successor_id": "uuid",
    "appointment_at": "timestamptz",
    "outcome": "text",
    "escalated_to": "text",
    "escalated_at": "timestamptz",
}
GAP: Columns = {
    "id": "uuid",
    "assessment_id": "uuid",
    "person_id": "uuid",
    "need_id": "uuid",
    "need_code": "text",
    "service_type": "text",
    "sensitivity": "text",
    "priority": "smallint",
    "country": "text",
    "locality": "text",
    "age_band": "text",
    "gender": "text",
    "reason": "text",
    "route": "jsonb",
    "referring_organization_id": "uuid",
    "focal_point_id": "uuid",
    "referral_id": "uuid",
    "created_at": "timestamptz",
}
STEP: Columns = {
    "referral_id": "uuid",
    "version": "integer",
    "action": "text",
    "party": "text",
    "account_id": "uuid",
    "from_status": "text",
    "to_status": "text",
    "reason": "text",
    "note": "text",
    "said": "text",
    "idempotency_key": "text",
    "correlation_id": "text",
    "at": "timestamptz",
}

HISTORY: Mapping[str, tuple[str, ...]] = {
    "organization": ("id", "name", "kind", "country", "gates"),
    "location": ("id", "locality", "confidential"),
    "service": (
        *("id", "organization_id", "name", "active", "types", "country", "areas", "national", "remote"),
        *("capabilities", "serves", "minimum_age", "maximum_age", "languages", "documents", "accessibility"),
        *("free", "openings", "always_open", "public", "gates", "confidential", "valid_to", "verified_at"),
    ),
    "capacity": ("service_id", "status", "available", "valid_until", "updated_at"),
}
"""By kind of entry: what the history of the directory keeps, its key first. It is what decides; an address, a
phone or a text that people write is never there, so that a place that becomes confidential later leaves nothing."""


def names(columns: Columns) -> str:
    """`"id", "name", …` for a statement."""
    return ", ".join(f'"{name}"' for name in columns)


def typed(columns: Columns) -> str:
    """`"id" uuid, "name" text, …` for `jsonb_to_recordset(…) AS r(…)`."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def excluded(columns: Columns) -> str:
    """`excluded."id", …` for ON CONFLICT."""
    return ", ".join(f'excluded."{name}"' for name in columns)


def remember(kind: str, source: str) -> str:
    """The statement that keeps what `source`, rows of a table that were just written, say from their version on. A
    second change under one version replaces the first."""
    columns = HISTORY[kind]
    pairs = ", ".join(f"'{name}', \"{name}\"" for name in columns)
    return f"""
        INSERT INTO referral.directory_history (kind, id, version, body)
        SELECT '{kind}', "{columns[0]}", version, jsonb_build_object({pairs}) FROM {source}
        ON CONFLICT (kind, id, version) DO UPDATE SET body = excluded.body
        """  # noqa: S608 - names of columns from this module
