"""What was told of the rules of consent: one row for each pathway."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Said:
    """What was told last, as the fact numbered `seq`; `periods` is None while nothing was. `basis` stands for the
    versions that were looked at."""

    seq: int = 0
    basis: str | None = None
    periods: list[dict[str, Any]] | None = None


def claim(conn: Connection, pathway: str) -> Said:
    """What was told last, locked until the caller's transaction ends."""
    conn.execute(
        text(
            """INSERT INTO referral.consent_policy_told (pathway, seq) VALUES (:p, 0)
               ON CONFLICT DO NOTHING"""
        ),
        {"p": pathway},
    )
    row = conn.execute(
        text(
            """SELECT seq, basis, periods FROM referral.consent_policy_told WHERE pathway = :p
               FOR UPDATE"""
        ),
        {"p": pathway},
    ).one()
    return Said(*row)


def save(conn: Connection, pathway: str, said: Said) -> None:
    """Keep what was told."""
    conn.execute(
        text(
            """UPDATE referral.consent_policy_told
               SET seq = :seq, basis = :basis, periods = CAST(:periods AS jsonb) WHERE pathway = :p"""
        ),
        {
            "p": pathway,
            "seq": said.seq,
            "basis": said.basis,
            "periods": None if said.periods is None else json.dumps(said.periods),
        },
    )


def looked_at(conn: Connection, pathway: str) -> str | None:
    """The basis of what was told last."""
    found = conn.execute(
        text("SELECT basis FROM referral.consent_policy_told WHERE pathway = :p"), {"p": pathway}
    )
    return found.scalar_one_or_none()


def versions_hash(conn: Connection, pathway: str) -> str | None:
    """Other for other versions and terms of them; None while none was ever approved."""
    found = conn.execute(
        text(
            """
            SELECT md5(string_agg(concat_ws('|', id, content_hash, extract(epoch FROM live_from),
                'until', extract(epoch FROM live_until), 'retired', extract(epoch FROM retired_at)), ',' ORDER BY id))
            FROM referral.pathway_version WHERE pathway = :p AND live_from IS NOT NULL
            """
        ),
        {"p": pathway},
    )
    return found.scalar_one_or_none()


def files_of(
    conn: Connection, version_ids: Sequence[str], names: Sequence[str]
) -> Mapping[str, dict[str, str]]:
    """By version: these of its files."""
    found = conn.execute(
        text(
            """SELECT v.id::text, jsonb_object_agg(f.key, f.value) AS files
               FROM referral.pathway_version v, jsonb_each(v.files) f
               WHERE v.id = ANY(CAST(:ids AS uuid[])) AND f.key = ANY(:names) GROUP BY v.id"""
        ),
        {"ids": list(version_ids), "names": list(names)},
    )
    return {row.id: row.files for row in found}
