"""Write assessments: one or two hundred by the same statement, in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text

from services.intake.store.rows import (
    Incoming,
    assessment_row,
    consent_row,
    contact_row,
    need_row,
    person_row,
)
from services.intake.store.sealing import PersonKey, Vault, WrappedKey
from services.intake.tables import assessment as assessment_table
from services.intake.tables import need as need_table
from services.intake.tables import person as person_table
from shared.database import json_rows

SUBMIT = text(
    """
    SELECT id, needs FROM intake.submit(CAST(:assessments AS jsonb), CAST(:persons AS jsonb),
        CAST(:consents AS jsonb), CAST(:contacts AS jsonb), CAST(:needs AS jsonb), CAST(:facts AS jsonb))
    """
)
"""Writes what is new among the rows, table by table, and publishes the facts about it; returns the new assessments and
how many needs were new."""

INSERT_KNOWN = text(
    """
    INSERT INTO intake.person
    SELECT * FROM jsonb_populate_recordset(NULL::intake.person, CAST(:persons AS jsonb))
    ON CONFLICT (id) DO NOTHING
    """
)
UPDATE_KNOWN = text(
    """
    UPDATE intake.person p SET profile = r.profile, age_band = r.age_band, gender = r.gender,
        nationality = r.nationality, population_type = r.population_type, languages = r.languages,
        documents = r.documents, accessibility = r.accessibility, updated_at = r.updated_at
    FROM jsonb_populate_recordset(NULL::intake.person, CAST(:persons AS jsonb)) r WHERE p.id = r.id
    """
)


@dataclass(frozen=True, slots=True)
class Saved:
    """`ids`: the assessments that were new. `needs`: how many needs were written with them."""

    ids: frozenset[str]
    needs: int


@dataclass(frozen=True, slots=True)
class Existing:
    """What is stored under an id that came again."""

    organization_id: str
    body_mac: bytes
    needs: tuple[tuple[str, str], ...]


def save(conn: Connection, vault: Vault, incoming: Sequence[Incoming], *, now: datetime, facts: str) -> Saved:
    """Write those whose id is new, each whole, and publish which of `facts` (`bus.to_publish`) tell of them.

    Their ids must differ among themselves, and no person whose id the sender gave may belong to somebody else
    (`foreign_persons`). A need whose id is taken is left out: the caller compares `needs` and rolls back.
    """
    keys = {
        one.assessment.person.id: vault.new_key(one.assessment.person.id) for one in incoming if _new(one)
    }
    known = [one for one in incoming if not _new(one)]
    if known:
        keys |= _keep_known(conn, vault, known, now)
    rows = conn.execute(SUBMIT, {**_parameters(incoming, keys, now), "facts": facts}).all()
    return Saved(frozenset(row.id for row in rows), rows[0].needs if rows else 0)


def foreign_persons(conn: Connection, asked: Mapping[str, str]) -> frozenset[str]:
    """Of the person ids in `asked` (person id → organization), those that belong to another organization."""
    found = conn.execute(
        select(person_table.c.id, person_table.c.organization_id).where(person_table.c.id.in_(list(asked)))
    )
    return frozenset(row.id for row in found if row.organization_id != asked[row.id])


def find_existing(conn: Connection, ids: Sequence[str]) -> dict[str, Existing]:
    """What is stored under `ids`, with the needs as (id, code) in order."""
    heads = conn.execute(
        select(assessment_table.c.id, assessment_table.c.organization_id, assessment_table.c.body_mac).where(
            assessment_table.c.id.in_(list(ids))
        )
    ).all()
    needs: dict[str, list[tuple[str, str]]] = {row.id: [] for row in heads}
    rows = conn.execute(
        select(need_table.c.assessment_id, need_table.c.id, need_table.c.code)
        .where(need_table.c.assessment_id.in_(list(needs)))
        .order_by(need_table.c.assessment_id, need_table.c.position)
    )
    for row in rows:
        needs[row.assessment_id].append((row.id, row.code))
    return {row.id: Existing(row.organization_id, bytes(row.body_mac), tuple(needs[row.id])) for row in heads}


def _new(one: Incoming) -> bool:
    return one.assessment.person.is_new


def _keep_known(
    conn: Connection, vault: Vault, known: Sequence[Incoming], now: datetime
) -> dict[str, PersonKey]:
    """Insert or update the persons whose id the sender gave; returns their keys."""
    latest = {one.assessment.person.id: one for one in known}
    fresh = {person_id: vault.new_key(person_id) for person_id in latest}
    rows = [person_row(one, fresh[person_id], now) for person_id, one in latest.items()]
    conn.execute(INSERT_KNOWN, {"persons": json_rows(rows)})
    stored = conn.execute(
        select(person_table.c.id, person_table.c.key_id, person_table.c.data_key)
        .where(person_table.c.id.in_(list(latest)))
        .order_by(person_table.c.id)
        .with_for_update()
    )
    keys = {row.id: vault.open_key(WrappedKey(row.id, row.key_id, bytes(row.data_key))) for row in stored}
    older = [one for person_id, one in latest.items() if keys[person_id].wrapped != fresh[person_id].wrapped]
    if older:
        updates = [person_row(one, keys[one.assessment.person.id], now) for one in older]
        conn.execute(UPDATE_KNOWN, {"persons": json_rows(updates)})
    return keys


def _parameters(incoming: Sequence[Incoming], keys: Mapping[str, PersonKey], now: datetime) -> dict[str, str]:
    persons, assessments, consents, contacts, needs = [], [], [], [], []
    for one in incoming:
        key = keys[one.assessment.person.id]
        if _new(one):
            persons.append(person_row(one, key, now))
        assessments.append(assessment_row(one, key, now))
        consents.append(consent_row(one.assessment))
        if one.assessment.safe_contact is not None:
            contacts.append(contact_row(one.assessment, one.assessment.safe_contact, key, now))
        needs += [
            need_row(one.assessment.id, index, need, key) for index, need in enumerate(one.assessment.needs)
        ]
    return {
        "persons": json_rows(persons),
        "assessments": json_rows(assessments),
        "consents": json_rows(consents),
        "contacts": json_rows(contacts),
        "needs": json_rows(needs),
    }
