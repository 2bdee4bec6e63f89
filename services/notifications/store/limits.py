"""What holds messages to a person back: how many there were, silences, restricted needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from services.notifications.domain.gates import Past
from shared.database import json_rows

_PAST = text(
    """
    SELECT p.person_id::text,
      (SELECT jsonb_object_agg(day, jsonb_build_array(n, last))
         FROM (SELECT s.day, count(*) AS n, max(s.slot) AS last FROM notifications.contact_slot s
               WHERE s.person_id = p.person_id AND s.day > :since GROUP BY s.day) AS days) AS days,
      (SELECT min(o.reason) FROM notifications.opt_out o
         WHERE o.person_id = p.person_id AND o.lifted_at IS NULL) AS stopped,
      EXISTS (SELECT FROM notifications.restricted_person r WHERE r.person_id = p.person_id) AS restricted
    FROM unnest(CAST(:person_ids AS uuid[])) AS p(person_id)
    """
)
_TAKE = text(
    """
    INSERT INTO notifications.contact_slot (person_id, day, slot, notification_id)
    SELECT person_id, day, slot, id FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(id uuid, person_id uuid, day date, slot smallint)
    ORDER BY person_id, day, slot
    ON CONFLICT DO NOTHING RETURNING notification_id::text
    """
)
_RELEASE = text("DELETE FROM notifications.contact_slot WHERE notification_id = ANY(CAST(:ids AS uuid[]))")
_RESTRICT = text(
    """
    INSERT INTO notifications.restricted_person (person_id, since)
    SELECT DISTINCT person_id, CAST(:now AS timestamptz) FROM unnest(CAST(:person_ids AS uuid[])) AS p(person_id)
    ON CONFLICT DO NOTHING
    """
)
_SILENCE = text(
    """
    INSERT INTO notifications.opt_out (id, person_id, channel, reason, since)
    SELECT id, person_id, channel, reason, :now FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(id uuid, person_id uuid, channel text, reason text)
    ON CONFLICT DO NOTHING RETURNING id::text, person_id::text, channel, reason
    """
)
_LIFT = text(
    """
    UPDATE notifications.opt_out SET lifted_at = :now, lifted_by = :by
    WHERE person_id = :person_id AND lifted_at IS NULL AND reason <> 'opted_out'
    """
)


@dataclass
class Known:
    """What holds messages back, for a batch of persons: see `Past`; the last place taken on each local day; who has a
    restricted need. `count` keeps it true while the batch is being sorted."""

    past: dict[str, Past] = field(default_factory=dict)
    places: dict[tuple[str, date], int] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)

    def count(self, person_id: str, day: date) -> int:
        """One more message to the person on `day`; the place it gets."""
        before = self.past.get(person_id, Past({}))
        self.past[person_id] = Past({**before.sent, day: before.sent.get(day, 0) + 1}, before.stopped)
        place = self.places.get((person_id, day), 0) + 1
        self.places[person_id, day] = place
        return place


def known(conn: Connection, person_ids: Sequence[str], *, since: date) -> Known:
    """What happened with each person after `since`."""
    found = Known()
    if not person_ids:
        return found
    for row in conn.execute(_PAST, {"person_ids": list(person_ids), "since": since}):
        days = {date.fromisoformat(day): numbers for day, numbers in (row.days or {}).items()}
        found.past[row.person_id] = Past({day: n for day, (n, _) in days.items()}, row.stopped)
        found.places.update({(row.person_id, day): last for day, (_, last) in days.items()})
        if row.restricted:
            found.restricted.add(row.person_id)
    return found


def take_slots(conn: Connection, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Book one message on one local day (id, person_id, day, slot). Returns the notifications that got theirs: of
    two that want the same place, whoever sends at the same moment, only one does."""
    return set(conn.scalars(_TAKE, {"rows": json_rows(list(rows))})) if rows else set()


def release_slots(conn: Connection, notification_ids: Sequence[str]) -> None:
    """Give back the places of messages that were certainly not sent."""
    if notification_ids:
        conn.execute(_RELEASE, {"ids": list(notification_ids)})


def restrict(conn: Connection, person_ids: Sequence[str], *, now: datetime) -> None:
    """Remember that these persons have a restricted need."""
    if person_ids:
        conn.execute(_RESTRICT, {"person_ids": list(person_ids), "now": now})


def silence(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> dict[str, list[str]]:
    """Stop automation (id, person_id, channel, reason). Returns the new silences' ids and persons by reason."""
    made: dict[str, list[str]] = defaultdict(list)
    if rows:
        for row in conn.execute(_SILENCE, {"rows": json_rows(list(rows)), "now": now}):
            made[row.reason].append(row.id)
    return made


def lift(conn: Connection, person_id: str, *, by: str, now: datetime) -> None:
    """End the silences that we imposed. One that the person asked for only ends with a new permission."""
    conn.execute(_LIFT, {"person_id": person_id, "by": by, "now": now})
