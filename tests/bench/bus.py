"""Events through the bus with every protection on: published in one transaction each way, claimed, acted on by a
handler that writes a row, marked, committed; durable, one publisher and one drain at a time on the same two cores."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

from deploy.local.embedded import EmbeddedStack
from shared.bus import Received, drain, publish, transaction
from shared.bus.draining import Inbox
from shared.database import json_rows, make_engine
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id
from tests.bench.figures import PGBENCH, Figure, Results, rate, repeated

EVENTS = 20_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def run(stack: EmbeddedStack, results: Results) -> None:
    """Add the bus's figures to `results`. Each event has two subscribers; one is drained."""
    intake, referral = (make_engine(stack.database_url(name)) for name in ("intake", "referral"))
    with referral.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS referral.bench_effect (person_id text, seq bigint)"))
    results.add(
        Figure(
            "events published, drained and acted on, batches of 200",
            "1/s",
            repeated(lambda: rate(lambda: through(intake, referral))),
            against=PGBENCH,
            budget=0.5,
        )
    )
    with referral.begin() as conn:
        conn.execute(text("DROP TABLE referral.bench_effect"))
    with make_engine(stack.database_url("admin")).begin() as conn:
        conn.execute(text("TRUNCATE bus.event, bus.inbox"))


def through(intake: Engine, referral: Engine) -> int:
    """Publish while draining; returns the number of events acted on."""
    inbox = Inbox(referral, "referral", {ConsentWithdrawn: write_rows})
    done = 0
    publisher = threading.Thread(target=publish_all, args=(intake,))
    publisher.start()
    while publisher.is_alive() or done < EVENTS:
        done += drain(inbox).done
    publisher.join()
    return done


def publish_all(engine: Engine) -> None:
    for _ in range(EVENTS // 200):
        with transaction(engine) as conn:
            facts = [ConsentWithdrawn(person_id=new_id(), scope="share", seq=1) for _ in range(200)]
            publish(conn, facts, now=NOW)


def write_rows(conn: Connection, events: Sequence[Received]) -> None:
    rows = [{"person_id": event.fact.person_id, "seq": event.seq} for event in events]
    conn.execute(
        text(
            """INSERT INTO referral.bench_effect
               SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(person_id text, seq bigint)"""
        ),
        {"rows": json_rows(rows)},
    )
