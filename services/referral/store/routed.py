"""What routing leaves behind: cases, referrals with their clocks, gaps and receipts, a whole batch per statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.referral.domain.record import Referral
from services.referral.domain.referral import next_mark
from services.referral.store.referrals import Taken, step_row
from services.referral.store.rows import to_row
from shared.database import json_rows

KEEP = text(
    """
    SELECT referral.keep_planned(CAST(:referrals AS jsonb), CAST(:steps AS jsonb), CAST(:gaps AS jsonb),
        CAST(:receipts AS jsonb))
    """
)


def open_cases(conn: Connection, cases: Sequence[dict[str, Any]], *, now: datetime) -> set[str]:
    """Keep what the assessments say; returns the ids of those that are new. One that came before, or whose consent
    was withdrawn before it arrived, is not new."""
    rows = conn.execute(
        text(
            """
            INSERT INTO referral.person_case (assessment_id, person_id, facts, created_at)
            SELECT assessment_id, person_id, facts, :now
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(assessment_id uuid, person_id uuid, facts jsonb)
            ON CONFLICT (assessment_id) DO NOTHING
            RETURNING assessment_id
            """
        ),
        {"rows": json_rows(list(cases)), "now": now},
    )
    return {str(row.assessment_id) for row in rows}


def facts_of(conn: Connection, assessment_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What each of these assessments says, unless consent was withdrawn."""
    rows = conn.execute(
        text(
            """
            SELECT assessment_id, facts FROM referral.person_case
            WHERE assessment_id = ANY(CAST(:ids AS uuid[])) AND withdrawn_at IS NULL
            """
        ),
        {"ids": list(assessment_ids)},
    )
    return {str(row.assessment_id): row.facts for row in rows}


def tried_for(conn: Connection, needs: Sequence[str]) -> dict[tuple[str, str], set[str]]:
    """The services that were asked for each (need, routing row)."""
    rows = conn.execute(
        text(
            """
            SELECT need_id, route ->> 'row_id' AS row_id, service_id FROM referral.referral
            WHERE need_id = ANY(CAST(:needs AS uuid[]))
            """
        ),
        {"needs": list(needs)},
    )
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        found.setdefault((str(row.need_id), row.row_id), set()).add(str(row.service_id))
    return found


def link_successors(conn: Connection, successors: Mapping[str, str]) -> None:
    """Note on referrals that failed which one took their place: nobody has to look after them any more."""
    if successors:
        conn.execute(
            text(
                """
                UPDATE referral.referral t SET successor_id = r.successor_id, escalated_to = NULL
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, successor_id uuid) WHERE t.id = r.id
                """
            ),
            {"rows": json_rows([{"id": one, "successor_id": other} for one, other in successors.items()])},
        )


def close_gaps(conn: Connection, need_id: str, row_id: str, *, now: datetime) -> None:
    """Somebody was found after all."""
    conn.execute(
        text(
            """
            UPDATE referral.gap SET closed_at = :now
            WHERE need_id = :need_id AND route ->> 'row_id' = :row_id AND closed_at IS NULL
            """
        ),
        {"need_id": need_id, "row_id": row_id, "now": now},
    )


def insert(
    conn: Connection,
    referrals: Sequence[tuple[Referral, Taken]],
    gaps: Sequence[dict[str, Any]],
    receipts: Sequence[dict[str, Any]],
) -> None:
    """Write new referrals with their first step and their clock, gaps, and the receipts of both."""
    rows = []
    for referral, _ in referrals:
        mark = next_mark(referral)
        rows.append({**to_row(referral), "clock_at": None if mark is None else mark.at})
    conn.execute(
        KEEP,
        {
            "referrals": json_rows(rows),
            "steps": json_rows([step_row(step) for _, step in referrals]),
            "gaps": json_rows(list(gaps)),
            "receipts": json_rows(list(receipts)),
        },
    )
