"""Referrals, the steps they took and the clocks that run: written set-wise, read one or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.referral import tables
from services.referral.domain.record import Referral
from services.referral.domain.referral import next_mark
from services.referral.store.rows import from_row, to_row
from shared.database import json_rows
from shared.errors import NotFound

KEPT = frozenset(
    {
        "id",
        "assessment_id",
        "person_id",
        "need_id",
        "need_code",
        "service_type",
        "sensitivity",
        "priority",
        "mode",
        "route",
        "organization_id",
        "service_id",
        "referring_organization_id",
        "focal_point_id",
        "country",
        "locality",
        "age_band",
        "gender",
        "languages",
        "limits",
        "deadline_hours",
        "needed_by",
        "created_at",
        "attempt",
        "predecessor_id",
    }
)
"""Columns that no step changes."""
CHANGING = tuple(name for name in tables.REFERRAL if name not in KEPT)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it is remembered. `said` is a fingerprint of what came with it, to tell a repeat from another step."""

    referral_id: str
    version: int
    action: str
    party: str
    from_status: str | None
    to_status: str
    at: datetime
    account_id: str | None = None
    reason: str | None = None
    note: str | None = None
    said: str | None = None
    idempotency_key: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A referral after one or more steps, with the version it had before them."""

    referral: Referral
    was: int
    steps: tuple[Taken, ...]


def get(conn: Connection, referral_id: str, *, lock: bool = False) -> Referral:
    """The referral. Raises NotFound."""
    found = many(conn, [referral_id], lock=lock)
    if not found:
        raise NotFound("No encontramos esta derivación.", code="referral_not_found")
    return found[0]


def many(conn: Connection, ids: Sequence[str], *, lock: bool = False) -> list[Referral]:
    """The referrals with these ids, in the order of their ids; missing ones are left out."""
    rows = conn.execute(LOCKED if lock else READ, {"ids": list(ids)})
    return [from_row(row) for row in rows.mappings()]


def open_of_assessments(conn: Connection, assessment_ids: Sequence[str]) -> list[Referral]:
    """The referrals of these assessments that have not ended, locked."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.referral
            WHERE assessment_id = ANY(CAST(:ids AS uuid[]))
              AND status NOT IN ('rejected', 'completed', 'cancelled', 'failed')
            ORDER BY id FOR UPDATE
            """
        ),
        {"ids": list(assessment_ids)},
    )
    return [from_row(row) for row in rows.mappings()]


def drafts_of_assessments(conn: Connection, assessment_ids: Sequence[str]) -> list[Referral]:
    """The drafts of these assessments, locked. Nothing else is: two people may close two referrals of one person at the
    same moment."""
    rows = conn.execute(
        text(
            """
            SELECT * FROM referral.referral
            WHERE assessment_id = ANY(CAST(:ids AS uuid[])) AND status = 'draft'
            ORDER BY priority, id FOR UPDATE
            """
        ),
        {"ids": list(assessment_ids)},
    )
    return [from_row(row) for row in rows.mappings()]


def save(conn: Connection, changes: Sequence[Change]) -> None:
    """Write changed referrals, their steps and their clocks in one statement. The caller holds the rows' locks."""
    if not changes:
        return
    rows = [{**to_row(one.referral), "was": one.was, "clock_at": _clock_at(one.referral)} for one in changes]
    done = conn.execute(
        SAVE,
        {
            "rows": json_rows(rows),
            "steps": json_rows([step_row(step) for one in changes for step in one.steps]),
        },
    ).scalar_one()
    if done != len(changes):
        raise RuntimeError("a referral changed while it was locked")


def step_row(step: Taken) -> dict[str, Any]:
    return {name: getattr(step, name) for name in tables.STEP}


def repeated(conn: Connection, referral_id: str, *, key: str | None) -> Taken | None:
    """The step that was taken with this idempotency key, or the last one when there is no key."""
    row = (
        conn.execute(
            text(
                """
                SELECT * FROM referral.step
                WHERE referral_id = :id AND (CAST(:key AS text) IS NULL OR idempotency_key = :key)
                ORDER BY version DESC LIMIT 1
                """
            ),
            {"id": referral_id, "key": key},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else _taken(row)


def steps(conn: Connection, referral_id: str) -> list[Taken]:
    """Every step of a referral, first to last."""
    rows = conn.execute(
        text("SELECT * FROM referral.step WHERE referral_id = :id ORDER BY version"), {"id": referral_id}
    )
    return [_taken(row) for row in rows.mappings()]


def due(conn: Connection, *, now: datetime, limit: int) -> list[Referral]:
    """Referrals whose clock has reached a mark, emergencies first; locked, and skipping what another worker holds."""
    rows = conn.execute(
        text(
            """
            SELECT r.* FROM referral.clock c JOIN referral.referral r ON r.id = c.referral_id
            WHERE c.due_at <= :now ORDER BY c.due_at LIMIT :limit FOR UPDATE OF c, r SKIP LOCKED
            """
        ),
        {"now": now, "limit": limit},
    )
    return [from_row(row) for row in rows.mappings()]


def oldest_due(conn: Connection) -> float | None:
    """For how many seconds the oldest due clock has waited; None when none is due.

    Compared with the statement's time, which holds still: with `clock_timestamp()` every clock that is not due yet
    would be read to find that out.
    """
    found = conn.execute(
        text(
            """
            SELECT extract(epoch FROM statement_timestamp() - min(due_at))
            FROM referral.clock WHERE due_at <= statement_timestamp()
            """
        )
    ).scalar_one()
    return None if found is None else float(found)


def _clock_at(referral: Referral) -> datetime | None:
    mark = next_mark(referral)
    return None if mark is None else mark.at


def _taken(row: Any) -> Taken:
    values = {name: row[name] for name in tables.STEP}
    for name in ("referral_id", "account_id"):
        values[name] = None if row[name] is None else str(row[name])
    return Taken(**values)


READ = text("SELECT * FROM referral.referral WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
LOCKED = text("SELECT * FROM referral.referral WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
SAVE = text(
    f"""
    WITH r AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
            AS r({tables.typed(tables.REFERRAL)}, was integer, clock_at timestamptz)
    ), saved AS (
        UPDATE referral.referral t SET ({", ".join(f'"{name}"' for name in CHANGING)})
            = ROW({", ".join(f'r."{name}"' for name in CHANGING)})
        FROM r WHERE t.id = r.id AND t.version = r.was RETURNING t.id
    ), told AS (
        INSERT INTO referral.step ({tables.names(tables.STEP)})
        SELECT {tables.names(tables.STEP)}
        FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS s({tables.typed(tables.STEP)})
    ), stopped AS (
        DELETE FROM referral.clock c USING r WHERE c.referral_id = r.id AND r.clock_at IS NULL
    ), running AS (
        INSERT INTO referral.clock (referral_id, due_at)
        SELECT id, clock_at FROM r WHERE clock_at IS NOT NULL
        ON CONFLICT (referral_id) DO UPDATE SET due_at = excluded.due_at
    )
    SELECT count(*) FROM saved
    """  # noqa: S608 - names of columns from `tables`
)
