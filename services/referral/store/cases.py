"""Whether an assessment's case may still be used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from shared.database import json_rows


def withdraw(conn: Connection, pairs: Sequence[tuple[str, str]], *, now: datetime) -> set[str]:
    """Note the withdrawal for (person, assessment) pairs, also for assessments that have not arrived yet; what the
    case said is erased. Returns the assessments."""
    if pairs:
        conn.execute(
            text(
                """
                INSERT INTO referral.person_case (assessment_id, person_id, facts, withdrawn_at, created_at)
                SELECT assessment_id, person_id, '{}'::jsonb, :now, :now
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(person_id uuid, assessment_id uuid)
                ON CONFLICT (assessment_id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at, facts = '{}'::jsonb
                """
            ),
            {
                "now": now,
                "rows": json_rows(
                    [{"person_id": person, "assessment_id": one} for person, one in sorted(set(pairs))]
                ),
            },
        )
    return {assessment for _, assessment in pairs}


def withdraw_persons(conn: Connection, person_ids: Sequence[str], *, now: datetime) -> set[str]:
    """Note the withdrawal for every case of these persons. Returns their assessments."""
    if not person_ids:
        return set()
    rows = conn.execute(
        text(
            """
            UPDATE referral.person_case SET withdrawn_at = :now, facts = '{}'::jsonb
            WHERE person_id = ANY(CAST(:ids AS uuid[])) RETURNING assessment_id
            """
        ),
        {"now": now, "ids": list(person_ids)},
    )
    return {str(row.assessment_id) for row in rows}


def is_withdrawn(conn: Connection, assessment_id: str) -> bool:
    """Whether the person took the permission to share this assessment back."""
    found = conn.execute(
        text("SELECT withdrawn_at IS NOT NULL FROM referral.person_case WHERE assessment_id = :id"),
        {"id": assessment_id},
    ).scalar_one_or_none()
    return bool(found)


def stop_contact(conn: Connection, person_ids: Sequence[str]) -> None:
    """No message may be sent for the open referrals of these persons, nor for those that follow them."""
    conn.execute(
        text(
            """
            UPDATE referral.referral SET contact_allowed = false
            WHERE contact_allowed AND assessment_id IN (
                SELECT assessment_id FROM referral.person_case WHERE person_id = ANY(CAST(:ids AS uuid[])))
            """
        ),
        {"ids": list(person_ids)},
    )
    conn.execute(
        text(
            """
            UPDATE referral.person_case SET facts = jsonb_set(facts, '{contact_allowed}', 'false')
            WHERE person_id = ANY(CAST(:ids AS uuid[])) AND withdrawn_at IS NULL
            """
        ),
        {"ids": list(person_ids)},
    )
