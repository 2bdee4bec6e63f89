"""Versions of pathways, what happened to them, and the contents that have decided something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from services.referral.domain.publishing import Exemption, Found, State, Version
from shared.errors import Conflict, NotFound

# Column names in the statements below come from this module alone.
# ruff: noqa: S608
HEADS = """id, pathway, content_hash, state, version, note, based_on, editors, created_at, contingency, findings,
    exemptions, proved_at, proposed_by, approved_by, approved_at, live_from, live_until, retired_at"""


class Outdated(Conflict):
    code = "version_outdated"

    def __init__(self, current: int) -> None:
        super().__init__("Otra persona cambió esta versión mientras tanto.", extra={"version": current})


def get(conn: Connection, version_id: str) -> Version:
    """A version with its files. Raises NotFound."""
    row = conn.execute(
        text(f"SELECT {HEADS}, files FROM referral.pathway_version WHERE id = :id"), {"id": version_id}
    ).one_or_none()
    if row is None:
        raise NotFound("No existe esa versión de las reglas.", code="pathway_version_not_found")
    return _version(row._mapping)


def heads(conn: Connection, pathway: str, *, limit: int = 100) -> list[Version]:
    """Versions without their files, newest first."""
    rows = conn.execute(
        text(
            f"SELECT {HEADS} FROM referral.pathway_version WHERE pathway = :p ORDER BY id DESC LIMIT :limit"
        ),
        {"p": pathway, "limit": limit},
    )
    return [_version(row) for row in rows.mappings()]


def ever_in_force(conn: Connection, pathway: str, moment: datetime) -> list[Version]:
    """Versions (without files) whose term has begun by `moment` and had not ended before it."""
    rows = conn.execute(
        text(
            f"""
            SELECT {HEADS} FROM referral.pathway_version
            WHERE pathway = :p AND live_from <= :at AND (retired_at IS NULL OR retired_at > :at)
              AND (live_until IS NULL OR live_until > :at)
            ORDER BY live_from DESC LIMIT 20
            """
        ),
        {"p": pathway, "at": moment},
    )
    return [_version(row) for row in rows.mappings()]


def ever_approved(conn: Connection, pathway: str) -> list[Version]:
    """Versions (without files) that were or will be in force, in the order of their terms."""
    rows = conn.execute(
        text(
            f"""SELECT {HEADS} FROM referral.pathway_version
                WHERE pathway = :p AND live_from IS NOT NULL ORDER BY live_from, id"""
        ),
        {"p": pathway},
    )
    return [_version(row) for row in rows.mappings()]


def published_as(conn: Connection, content_hash: str) -> dict[str, str] | None:
    """`id` and `note` of the version that was last published with these contents, or None."""
    found = conn.execute(
        text(
            """SELECT id::text, note FROM referral.pathway_version
               WHERE content_hash = :hash AND live_from IS NOT NULL ORDER BY live_from DESC LIMIT 1"""
        ),
        {"hash": content_hash},
    )
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)


def add(conn: Connection, version: Version) -> None:
    """A new version."""
    names = list(_row(version))
    conn.execute(
        text(
            f"""INSERT INTO referral.pathway_version ({", ".join(names)})
                SELECT {", ".join(names)}
                FROM jsonb_populate_record(NULL::referral.pathway_version, CAST(:row AS jsonb))"""
        ),
        {"row": json.dumps(_row(version), default=str)},
    )


def save(conn: Connection, version: Version) -> None:
    """The next state of a version. Raises Outdated when it was changed since it was read."""
    changes = ", ".join(f"{name} = r.{name}" for name in _row(version) if name != "id")
    changed = conn.execute(
        text(
            f"""UPDATE referral.pathway_version v SET {changes}
                FROM jsonb_populate_record(NULL::referral.pathway_version, CAST(:row AS jsonb)) r
                WHERE v.id = r.id AND v.version = r.version - 1"""
        ),
        {"row": json.dumps(_row(version), default=str)},
    )
    if changed.rowcount != 1:
        raise Outdated(get(conn, version.id).version)


@dataclass(frozen=True)
class Step:
    """Who did what with a version, and why."""

    name: str
    by: str
    at: datetime
    note: str = ""


def note_step(conn: Connection, version: Version, step: Step) -> None:
    """Keep for good what was done with a version."""
    conn.execute(
        text(
            """INSERT INTO referral.pathway_step (version_id, step, state, content_hash, account_id, note, at)
               VALUES (:id, :step, :state, :hash, :by, NULLIF(:note, ''), :now)"""
        ),
        {
            "id": version.id,
            "step": step.name,
            "state": version.state.value,
            "hash": version.content_hash,
            "by": step.by,
            "note": step.note,
            "now": step.at,
        },
    )


def steps(conn: Connection, version_id: str) -> list[dict[str, Any]]:
    """What happened to a version, oldest first."""
    rows = conn.execute(
        text(
            """SELECT step, state, content_hash, account_id::text, note, at FROM referral.pathway_step
               WHERE version_id = :id ORDER BY id"""
        ),
        {"id": version_id},
    )
    return [dict(row) for row in rows.mappings()]


def keep_content(
    conn: Connection, content_hash: str, pathway: str, files: Mapping[str, str], now: datetime
) -> None:
    """Keep the contents of tables that decide, so that what they decided can be derived again."""
    conn.execute(
        text(
            """INSERT INTO referral.pathway_content (content_hash, pathway, files, first_used_at)
               VALUES (:hash, :pathway, CAST(:files AS jsonb), :now) ON CONFLICT DO NOTHING"""
        ),
        {"hash": content_hash, "pathway": pathway, "files": json.dumps(dict(files)), "now": now},
    )


def has_content(conn: Connection, content_hash: str) -> bool:
    """Whether these contents are kept."""
    found = conn.execute(
        text("SELECT true FROM referral.pathway_content WHERE content_hash = :hash"), {"hash": content_hash}
    )
    return found.scalar_one_or_none() is not None


def content(conn: Connection, content_hash: str) -> dict[str, str] | None:
    """The files of tables that have decided something, or None."""
    found = conn.execute(
        text("SELECT files FROM referral.pathway_content WHERE content_hash = :hash"), {"hash": content_hash}
    ).scalar_one_or_none()
    return None if found is None else dict(found)


def _row(version: Version) -> dict[str, Any]:
    row = {name: getattr(version, name) for name in version.__dataclass_fields__}
    row["files"] = dict(version.files)
    row["findings"] = [asdict(one) for one in version.findings]
    row["exemptions"] = [asdict(one) for one in version.exemptions]
    return row


def _version(row: RowMapping) -> Version:
    values = dict(row)
    for name in ("id", "proposed_by", "approved_by"):
        values[name] = None if values[name] is None else str(values[name])
    return Version(
        **{
            **values,
            "files": values.get("files") or {},
            "state": State(values["state"]),
            "editors": tuple(values["editors"]),
            "findings": tuple(found_of(one) for one in values["findings"]),
            "exemptions": tuple(_exemption(one) for one in values["exemptions"]),
        }
    )


def found_of(kept: Mapping[str, Any]) -> Found:
    """A finding as it was kept."""
    return Found(**{**kept, "rows": tuple(kept["rows"]), "beside": tuple(kept.get("beside", ()))})


def _exemption(kept: Mapping[str, Any]) -> Exemption:
    return Exemption(
        key=kept["key"],
        reason=kept["reason"],
        signed_by=kept["signed_by"],
        signed_at=datetime.fromisoformat(kept["signed_at"]),
        expires_on=date.fromisoformat(kept["expires_on"]),
        awaits=kept.get("awaits", False),
        confirmed_by=kept.get("confirmed_by"),
    )
