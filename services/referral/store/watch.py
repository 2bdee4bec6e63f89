"""The last look at the tables in force: one row for each pathway."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from services.referral.domain.watching import Noticed, Watch
from services.referral.store.versions import found_of


def get(conn: Connection, pathway: str) -> Watch | None:
    """The last look, or None when nobody has looked yet."""
    row = (
        conn.execute(text("SELECT * FROM referral.rules_watch WHERE pathway = :p"), {"p": pathway})
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    found = tuple(
        Noticed(found_of(one["found"]), datetime.fromisoformat(one["since"])) for one in row["noticed"]
    )
    return Watch(**{**row, "noticed": found, "plan": tuple(row["plan"])})


def head(conn: Connection, pathway: str) -> Watch | None:
    """The last look without what it found: asked for every few seconds."""
    row = (
        conn.execute(
            text(
                """SELECT pathway, in_force, content_hash, directory_version, checked_at, plan
                   FROM referral.rules_watch WHERE pathway = :p"""
            ),
            {"p": pathway},
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Watch(**{**row, "plan": tuple(row["plan"])})


def claim(conn: Connection, pathway: str) -> bool:
    """Whether this transaction alone may look now: several workers ask, one does it."""
    asked = conn.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtext('rules_watch'), hashtext(:p))"), {"p": pathway}
    )
    return bool(asked.scalar_one())


def save(conn: Connection, watch: Watch) -> None:
    """Keep a look in place of the one before."""
    found = [{"found": asdict(one.found), "since": one.since.isoformat()} for one in watch.noticed]
    conn.execute(
        text(
            """
            INSERT INTO referral.rules_watch
                (pathway, in_force, content_hash, directory_version, checked_at, noticed, plan)
            VALUES (:pathway, :in_force, :content_hash, :directory_version, :checked_at, CAST(:noticed AS jsonb), :plan)
            ON CONFLICT (pathway) DO UPDATE SET
                in_force = excluded.in_force, content_hash = excluded.content_hash,
                directory_version = excluded.directory_version, checked_at = excluded.checked_at,
                noticed = excluded.noticed, plan = excluded.plan
            """
        ),
        {
            "pathway": watch.pathway,
            "in_force": watch.in_force,
            "content_hash": watch.content_hash,
            "directory_version": watch.directory_version,
            "checked_at": watch.checked_at,
            "noticed": json.dumps(found),
            "plan": list(watch.plan),
        },
    )


@dataclass(frozen=True)
class Left:
    """Who took a locality out of the plan, and why."""

    locality: str
    by: str
    reason: str
    at: datetime


def note_left(conn: Connection, pathway: str, left: Left) -> None:
    """Keep for good that somebody took a locality out of the plan."""
    conn.execute(
        text(
            """INSERT INTO referral.plan_left (pathway, locality, account_id, reason, at)
               VALUES (:pathway, :locality, :by, :reason, :now)"""
        ),
        {"pathway": pathway, "locality": left.locality, "by": left.by, "reason": left.reason, "now": left.at},
    )
