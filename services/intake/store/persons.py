"""Read what identifies a person, opened with that person's key, and how to reach them safely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from services.intake.store.sealing import Vault, WrappedKey
from services.intake.tables import access, assessment, consent, need
from services.intake.tables import person as person_table
from shared.database import json_rows

CONTACTS = text("SELECT * FROM intake.contacts(CAST(:ids AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Contact:
    """The latest safe contact of a person; all None when there is none. `restricted`: a need of the person is S3;
    `never`: no automated message may ever go out."""

    person_id: str
    age_band: str
    channel: str | None
    phone: str | None
    neutral_name: str | None
    owner: str | None
    safe_days: list[str]
    safe_hours: tuple[str, str] | None
    timezone: str | None
    language: str | None
    sensitive_ok: bool
    consented: bool
    opted_out: bool
    restricted: bool
    never: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a person is."""

    person_id: str
    organization_id: str
    name: str | None
    birth_date: str | None
    age: int | None
    age_band: str
    gender: str
    languages: list[str]
    accessibility: list[str]


def contacts_of(conn: Connection, vault: Vault, person_ids: Sequence[str]) -> dict[str, Contact]:
    """The latest safe contact of each person that exists."""
    rows = conn.execute(CONTACTS, {"ids": list(person_ids)}).mappings()
    return {str(row["id"]): _contact(vault, row) for row in rows}


def _contact(vault: Vault, row: Any) -> Contact:
    person_id = str(row["id"])
    phone = neutral = None
    if row["contact_id"] is not None:
        key = vault.open_key(WrappedKey(person_id, row["key_id"], bytes(row["data_key"])))
        contact_id = str(row["contact_id"])
        phone = key.open(("safe_contact", contact_id, "phone"), _bytes(row["phone"]))
        neutral = key.open(("safe_contact", contact_id, "neutral_name"), _bytes(row["neutral_name"]))
    hours = (row["safe_from"], row["safe_until"])
    return Contact(
        person_id=person_id,
        age_band=row["age_band"],
        channel=row["channel"],
        phone=phone,
        neutral_name=neutral,
        owner=row["owner"],
        safe_days=list(row["safe_days"] or ()),
        safe_hours=hours if all(hours) else None,
        timezone=row["timezone"],
        language=row["language"],
        sensitive_ok=bool(row["sensitive_ok"]),
        consented=bool(row["consented"]),
        opted_out=row["opted_out_at"] is not None,
        restricted=row["restricted"],
        never=row["never"],
    )


def profile_of(conn: Connection, vault: Vault, person_id: str) -> Profile | None:
    """Who the person is, in clear."""
    row = conn.execute(select(person_table).where(person_table.c.id == person_id)).mappings().one_or_none()
    if row is None:
        return None
    key = vault.open_key(WrappedKey(person_id, row["key_id"], bytes(row["data_key"])))
    known = key.open(("person", person_id, "profile"), _bytes(row["profile"])) or {}
    return Profile(
        person_id=person_id,
        organization_id=row["organization_id"],
        name=known.get("name"),
        birth_date=known.get("birth_date"),
        age=known.get("age"),
        age_band=row["age_band"],
        gender=row["gender"],
        languages=row["languages"],
        accessibility=row["accessibility"],
    )


@dataclass(frozen=True, slots=True)
class SharedNeed:
    """A need of a person with the consent it stands on."""

    code: str
    refer: bool
    shared: bool
    withheld_from: list[str]


def shared_need(conn: Connection, *, person_id: str, need_id: str) -> SharedNeed | None:
    """The need, if it is one of the person's."""
    row = conn.execute(
        select(
            need.c.code,
            need.c.refer,
            consent.c.share,
            consent.c.override_basis,
            consent.c.share_withdrawn_at,
            consent.c.withheld_from,
        )
        .select_from(
            need.join(assessment, assessment.c.id == need.c.assessment_id).join(
                consent, consent.c.assessment_id == assessment.c.id
            )
        )
        .where(need.c.id == need_id, assessment.c.person_id == person_id)
    ).one_or_none()
    if row is None:
        return None
    covered = (row.share or row.override_basis is not None) and row.share_withdrawn_at is None
    return SharedNeed(row.code, row.refer, covered, list(row.withheld_from))


def withdraw(conn: Connection, *, person_id: str, columns: Sequence[str], now: datetime) -> list[str]:
    """Mark `columns` (`share_withdrawn_at`, `contact_withdrawn_at`) on every consent of the person that is not marked
    yet; returns the ids of the assessments that changed."""
    of_person = select(assessment.c.id).where(assessment.c.person_id == person_id)
    changed: set[str] = set()
    for name in columns:
        column = consent.c[name]
        rows = conn.execute(
            update(consent)
            .where(consent.c.assessment_id.in_(of_person), column.is_(None))
            .values({column: func.coalesce(column, now)})
            .returning(consent.c.assessment_id)
        )
        changed.update(rows.scalars())
    return sorted(changed)


def next_withdrawal(conn: Connection, person_id: str) -> int:
    """Count one more withdrawal of the person and return its number, from 1."""
    number: int = conn.execute(
        update(person_table)
        .where(person_table.c.id == person_id)
        .values(withdrawals=person_table.c.withdrawals + 1)
        .returning(person_table.c.withdrawals)
    ).scalar_one()
    return number


NOTE_ACCESS = text("SELECT intake.note_access(CAST(:rows AS jsonb))")


def note_access(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write down who asked to see whom; columns as in the table `access`."""
    conn.execute(NOTE_ACCESS, {"rows": json_rows(list(rows))})


def accesses_of(conn: Connection, person_id: str, *, limit: int = 50) -> list[dict[str, Any]]:
    """Who asked to see the person, latest first."""
    query = select(access).where(access.c.person_id == person_id).order_by(access.c.at.desc()).limit(limit)
    return [dict(row) for row in conn.execute(query).mappings()]


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
