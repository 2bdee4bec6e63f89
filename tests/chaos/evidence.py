"""What the three witnesses say after a run: the client's ledger, the product's tables, the gateway's log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos import ledger
from tests.chaos.ledger import Entry
from tests.chaos.world import World

EVENTS = "FROM bus.event WHERE type ="


@dataclass(frozen=True)
class Accepted:
    """A message that the gateway took, and so a phone got. `reference` is our delivery id."""

    at: float
    to: str
    reference: str | None


@dataclass
class Evidence:
    """Everything the checker looks at. Ids are text."""

    ledger: list[Entry] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    assessments: set[str] = field(default_factory=set)
    submitted: set[str] = field(default_factory=set)  # assessments with their event on the bus
    placed: dict[str, int] = field(default_factory=dict)  # need → referrals of the first attempt, and gaps
    doubled_places: list[str] = field(
        default_factory=list
    )  # need, row and attempt with more than one referral or gap
    asked: set[str] = field(default_factory=set)  # referrals that an organization was asked for
    told: set[str] = field(default_factory=set)  # referrals with at least one notification
    versions: dict[str, tuple[int, int, int]] = field(
        default_factory=dict
    )  # referral → version, steps, last event
    followed: dict[str, int] = field(default_factory=dict)  # referral → last event that intake has acted on
    deliveries: dict[str, tuple[str, str, str]] = field(
        default_factory=dict
    )  # id → notification, audience, status
    doubled_outcomes: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)  # subscriber → events not acted on
    dead: dict[str, int] = field(default_factory=dict)
    stuck_messages: list[str] = field(default_factory=list)
    deaf: bool = False  # a worker that waits for no doorbell
    leaks: list[str] = field(default_factory=list)


def collect(world: World) -> Evidence:
    """Ask all witnesses; the tables all at one moment, after the ledger and the gateway's log were read."""
    found = Evidence(
        ledger=ledger.read(world.folder / "ledger.jsonl"),
        accepted=list(read_gateway_log(world.folder / "gateway.jsonl")),
    )
    with world.database(patience=30) as conn:
        ask_tables(conn, found)
    return found


def ask_tables(conn: psycopg.Connection, found: Evidence) -> Evidence:
    """Add what the tables say, all at one moment. `conn` is in autocommit, of somebody who may read every schema."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        _intake(conn, found)
        _referral(conn, found)
        _notifications(conn, found)
        _bus(conn, found)
    return found


def read_gateway_log(file: Path) -> Iterable[Accepted]:
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Accepted(row["at"], row["to"], row["reference"])


def rows(conn: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return conn.execute(query).fetchall()


def _intake(conn: psycopg.Connection, found: Evidence) -> None:
    found.assessments = {one for (one,) in rows(conn, "SELECT id::text FROM intake.assessment")}
    found.followed = dict(rows(conn, "SELECT referral_id::text, seq FROM intake.need_referral"))


def _referral(conn: psycopg.Connection, found: Evidence) -> None:
    found.placed = dict(
        rows(
            conn,
            """
            SELECT need_id::text, count(*) FROM (
              SELECT need_id FROM referral.referral WHERE attempt = 1
              UNION ALL SELECT need_id FROM referral.gap WHERE referral_id IS NULL) AS place
            GROUP BY need_id
            """,
        )
    )
    found.doubled_places = [
        f"need {need} row {row} attempt {attempt}: {count}"
        for need, row, attempt, count in rows(
            conn,
            """
            SELECT need_id::text, route ->> 'row_id', attempt, count(*) FROM (
              SELECT need_id, route, attempt FROM referral.referral
              UNION ALL SELECT need_id, route, 0 FROM referral.gap) AS place
            GROUP BY 1, 2, 3 HAVING count(*) > 1
            """,
        )
    ]
    found.versions = {
        referral: (version, steps, last)
        for referral, version, steps, last in rows(
            conn,
            """
            SELECT r.id::text, r.version, (SELECT count(*) FROM referral.step s WHERE s.referral_id = r.id),
              coalesce((SELECT max(e.seq) FROM bus.event e WHERE e.subject = 'referral/' || r.id), 0)
            FROM referral.referral r
            """,
        )
    }
    found.doubled_outcomes = [
        f"referral {referral}: {outcome} from {source}, {count} times"
        for referral, outcome, source, count in rows(
            conn,
            """
            SELECT referral_id::text, outcome, source, count(*) FROM referral.outcome
            GROUP BY referral_id, outcome, source, follow_up HAVING count(*) > 1
            """,
        )
    ]


def _notifications(conn: psycopg.Connection, found: Evidence) -> None:
    found.told = {
        one
        for (one,) in rows(
            conn,
            "SELECT DISTINCT referral_id::text FROM notifications.notification WHERE referral_id IS NOT NULL",
        )
    }
    found.deliveries = {
        delivery: (notification, audience, status)
        for delivery, notification, audience, status in rows(
            conn,
            """
            SELECT d.id::text, n.id::text, n.audience, n.status
            FROM notifications.delivery d JOIN notifications.notification n ON n.id = d.notification_id
            """,
        )
    }
    found.stuck_messages = [
        f"notification {one}: {status} since {due}"
        for one, status, due in rows(
            conn,
            """
            SELECT id::text, status, coalesce(lease_until, due_at)::text FROM notifications.notification
            WHERE (status IN ('queued', 'held') AND due_at < now() - interval '20 seconds')
               OR (status = 'sending' AND lease_until < now() - interval '20 seconds')
            """,
        )
    ]


def _bus(conn: psycopg.Connection, found: Evidence) -> None:
    found.submitted = {
        one
        for (one,) in rows(
            conn, "SELECT data ->> 'assessment_id' FROM bus.event WHERE type = 'assessment.submitted.v1'"
        )
    }
    found.asked = {
        one
        for (one,) in rows(
            conn, "SELECT data ->> 'referral_id' FROM bus.event WHERE type = 'referral.requested.v1'"
        )
    }
    for subscriber, state, count in rows(
        conn, "SELECT subscriber, state, count(*) FROM bus.inbox WHERE state IN ('due', 'dead') GROUP BY 1, 2"
    ):
        (found.waiting if state == "due" else found.dead)[subscriber] = count
