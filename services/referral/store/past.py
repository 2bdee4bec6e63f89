"""The directory as it was: at one version, and what changed from version to version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from services.referral.domain.directory import Capacity, Service
from services.referral.store.services import capacity_of, service_of
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Kept:
    """The version of now, and from which version (and moment) on the contents are kept."""

    version: int
    first: int
    since: datetime


@dataclass(slots=True)
class Change:
    """What one version changed: services whose entry is another, and places left by service id."""

    version: int
    services: list[Service] = field(default_factory=list)
    places: dict[str, Capacity] = field(default_factory=dict)


def kept(conn: Connection) -> Kept:
    """What of the directory's past is known."""
    row = conn.execute(text("SELECT version, kept_from, kept_since FROM referral.directory_state")).one()
    return Kept(int(row.version), int(row.kept_from), row.kept_since)


def version_at(conn: Connection, moment: datetime) -> int:
    """The version of the directory at `moment`. Raises NotFound before the first one that is kept."""
    found = conn.execute(
        text(
            """
            SELECT coalesce(
                (SELECT max(version) FROM referral.directory_version WHERE at <= :moment),
                (SELECT kept_from FROM referral.directory_state WHERE kept_since <= :moment))
            """
        ),
        {"moment": moment},
    ).scalar_one()
    if found is None:
        raise NotFound("De ese momento no se guardó el directorio.", code="directory_not_kept")
    return int(found)


def services_at(
    conn: Connection, version: int, *, kinds: Sequence[str] | None = None, ids: Sequence[str] | None = None
) -> list[Service]:
    """Services as they were at `version`, with the places they had left: those of some kinds of help, those with some
    ids, or all. Costs one reading of the directory, and one look into the history for each entry that has changed
    since."""
    wanted = {
        "version": version,
        "kinds": None if kinds is None else list(kinds),
        "ids": None if ids is None else list(ids),
    }
    return [service_of(row) for row in conn.execute(AT, wanted).mappings()]


def changes(conn: Connection, after: int, until: int) -> Iterator[Change]:
    """What each version after `after` and up to `until` changed, in order."""
    span = {"after": after, "until": until}
    rows = sorted(
        (*conn.execute(SERVICES, span).mappings(), *conn.execute(PLACES, span).mappings()),
        key=lambda row: int(row["history_version"]),
    )
    for version, several in groupby(rows, key=lambda row: int(row["history_version"])):
        change = Change(version)
        for row in several:
            if row["kind"] == "service":
                change.services.append(service_of(row))
            else:
                change.places[str(row["service_id"])] = capacity_of(row)
        yield change


def organizations_at(conn: Connection, version: int) -> dict[str, Mapping[str, Any]]:
    """By id: name, kind, country and gates of every organization as they were at `version`."""
    rows = conn.execute(ORGANIZATIONS, {"version": version}).mappings()
    return {str(row["id"]): dict(row["body"]) for row in rows}


def organization_names(conn: Connection, ids: list[str]) -> dict[str, str]:
    """Names as they are today; unknown ids are left out."""
    rows = conn.execute(
        text("SELECT id::text, name FROM referral.organization WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": ids},
    )
    return {row.id: row.name for row in rows}


def answers_at(
    conn: Connection, moment: datetime, *, since: datetime
) -> tuple[dict[str, int], list[tuple[str, int, int]]]:
    """How many referrals waited for each service's answer at `moment`; and by organization how many of those that moved
    after `since` were answered, and how many of them taken on, as their steps tell."""
    waiting: dict[str, int] = {}
    answered: dict[str, list[int]] = {}
    for row in conn.execute(ANSWERS, {"moment": moment}):
        if row.status in ("requested", "received"):
            waiting[row.service_id] = waiting.get(row.service_id, 0) + 1
        elif row.at > since and row.status not in ("draft", "cancelled"):
            counted = answered.setdefault(row.organization_id, [0, 0])
            counted[0] += 1
            counted[1] += row.status in ("accepted", "in_progress", "completed")
    return waiting, [(organization, every, taken) for organization, (every, taken) in answered.items()]


def _as_of(table: str, key: str) -> str:
    """The rows of a table as they were: the row itself when it is older, else the last line of its history."""
    only = f"(CAST(:ids AS uuid[]) IS NULL OR t.{key} = ANY(CAST(:ids AS uuid[])))"
    return f"""
        SELECT t.* FROM referral.{table} t WHERE t.version <= :version AND {only}
        UNION ALL
        SELECT p.* FROM referral.{table} t
        CROSS JOIN LATERAL (
            SELECT body FROM referral.directory_history h
            WHERE h.kind = '{table}' AND h.id = t.{key} AND h.version <= :version
            ORDER BY h.version DESC LIMIT 1
        ) was
        CROSS JOIN LATERAL jsonb_populate_record(NULL::referral.{table}, was.body) p
        WHERE t.version > :version AND {only}
        """  # noqa: S608 - names from this module


AT = text(
    f"""
    WITH s AS ({_as_of("service", "id")}), c AS ({_as_of("capacity", "service_id")})
    SELECT s.*, c.status AS capacity_status, c.available, c.valid_until, c.updated_at AS capacity_updated_at
    FROM s LEFT JOIN c ON c.service_id = s.id
    WHERE CAST(:kinds AS text[]) IS NULL OR s.types && CAST(:kinds AS text[])
    """  # noqa: S608 - statements from this module
)
SERVICES = text(
    """
    SELECT h.kind, h.version AS history_version, s.*, NULL::text AS capacity_status, NULL::integer AS available,
        NULL::timestamptz AS valid_until, NULL::timestamptz AS capacity_updated_at
    FROM referral.directory_history h
    CROSS JOIN LATERAL jsonb_populate_record(NULL::referral.service, h.body) s
    WHERE h.kind = 'service' AND h.version > :after AND h.version <= :until
    """
)
PLACES = text(
    """
    SELECT h.kind, h.version AS history_version, c.service_id, c.status AS capacity_status, c.available,
        c.valid_until, c.updated_at AS capacity_updated_at
    FROM referral.directory_history h
    CROSS JOIN LATERAL jsonb_populate_record(NULL::referral.capacity, h.body) c
    WHERE h.kind = 'capacity' AND h.version > :after AND h.version <= :until
    """
)
ORGANIZATIONS = text(
    """
    SELECT DISTINCT ON (id) id, body FROM referral.directory_history
    WHERE kind = 'organization' AND version <= :version ORDER BY id, version DESC
    """
)
ANSWERS = text(
    """
    SELECT r.service_id::text, r.organization_id::text, s.to_status AS status, s.at
    FROM (
        SELECT DISTINCT ON (referral_id) referral_id, to_status, at FROM referral.step
        WHERE at <= :moment ORDER BY referral_id, version DESC
    ) s JOIN referral.referral r ON r.id = s.referral_id
    """
)
