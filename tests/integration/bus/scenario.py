"""A small world on the real bus: facts about consent, and two tables' worth of effects kept in one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from shared.bus.draining import Inbox
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def withdrawn(person_id=None, *, seq=1, priority=2, scope="share"):
    """A fact with two subscribers."""
    return ConsentWithdrawn(person_id=person_id or new_id(), scope=scope, seq=seq, priority=priority)


def make_effects(conn):
    """A table where handlers write what they did, one row per act."""
    conn.execute(
        text(
            """CREATE TABLE IF NOT EXISTS referral.bus_test_effect
               (n bigint GENERATED ALWAYS AS IDENTITY, person_id text, seq bigint)"""
        )
    )
    conn.execute(text("TRUNCATE referral.bus_test_effect"))


def effects(conn):
    """(person, seq) in the order in which handlers acted."""
    return [
        tuple(row)
        for row in conn.execute(text("SELECT person_id, seq FROM referral.bus_test_effect ORDER BY n"))
    ]


def write_effect(conn, events):
    """Handler: one row per event."""
    for event in events:
        conn.execute(
            text("INSERT INTO referral.bus_test_effect (person_id, seq) VALUES (:p, :s)"),
            {"p": event.fact.person_id, "s": event.seq},
        )


def inbox(engine, handler=write_effect, doorbell=None):
    """The referral service's inbox with one handler."""
    return Inbox(engine, "referral", {ConsentWithdrawn: handler}, doorbell)


def states(conn, subscriber="referral"):
    """How many inbox rows are in which state."""
    rows = conn.execute(
        text("SELECT state, count(*) FROM bus.inbox WHERE subscriber = :s GROUP BY state"), {"s": subscriber}
    )
    return {row.state: row.count for row in rows}
