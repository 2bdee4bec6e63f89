"""A million cases, as years of work would have left them: genuine cases copied inside PostgreSQL, with fresh ids.

Copy `k` of a row is `k` steps older. Ids that tell their time (UUIDv7) are moved back with it, so that indexes look as
they would have looked; random ids stay random. All ids of a case move alike, in every schema, so that what belongs
together still does. Sealed columns keep their bytes: nobody opens them, and their size is what counts. What is older
than OPEN_DAYS is closed, younger cases are half-way through, and the bus keeps the days that its maintenance leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

Connect = Callable[[], psycopg.Connection[Any]]
"""How to connect as the database's administrator, in autocommit."""

SCHEMAS = ("intake", "referral", "notifications")
DAYS_BACK = 2 * 365
OPEN_DAYS = 14
WAITING_DAYS = 1
BUS_DAYS = 30
AT_ONCE = 10
"""Copies per statement: rows go in in the order of their age, as they would have."""
PARALLEL = 2

OF_A_CASE = {"assessment_id", "person_id", "need_id", "referral_id", "notification_id", "delivery_id"}
"""A table with one of these columns holds cases (and so does `person` itself)."""
SHARED_IDS = {
    *("organization_id", "referring_organization_id", "service_id", "focal_point_id", "account_id"),
    *("reported_by", "closed_by", "lifted_by", "token"),
}
"""Ids that many cases have in common."""

OLD = f"age > interval '{OPEN_DAYS} days'"
FUTURE = f"interval '{OPEN_DAYS} days'"
REFERRED = {
    "status": f"CASE WHEN {OLD} THEN 'completed' WHEN age > interval '{WAITING_DAYS} day' THEN 'in_progress'"
    " ELSE s.status END",
    "turn": f"CASE WHEN {OLD} THEN 'none' ELSE s.turn END",
    "due_at": f"CASE WHEN {OLD} THEN NULL ELSE s.due_at + {FUTURE} END",
}
CHANGED: dict[str, dict[str, str]] = {
    "referral.referral": {
        **REFERRED,
        "decide_due": f"CASE WHEN {OLD} THEN NULL ELSE s.decide_due + {FUTURE} END",
    },
    "referral.clock": {"due_at": f"s.due_at + {FUTURE}"},
    "referral.gap": {"closed_at": f"CASE WHEN {OLD} THEN s.created_at - age ELSE s.closed_at - age END"},
    "intake.need_referral": REFERRED,
    "intake.call": {"done_at": f"CASE WHEN {OLD} THEN s.requested_at - age ELSE s.done_at - age END"},
    "notifications.call": {"closed_at": f"CASE WHEN {OLD} THEN s.opened_at - age ELSE s.closed_at - age END"},
    "notifications.follow_up": {
        "state": f"CASE WHEN {OLD} THEN 'answered' ELSE s.state END",
        "due_at": f"CASE WHEN {OLD} THEN s.due_at - age ELSE s.due_at + {FUTURE} END",
    },
    "notifications.notification": {
        "status": "CASE WHEN s.status IN ('held', 'queued', 'sending') THEN 'cancelled' ELSE s.status END",
        "dedupe_key": "s.dedupe_key || '/' || k",
    },
}
"""What is not copied as it stands."""
NOT_OLD = {"referral.clock": OPEN_DAYS, "bus.event": BUS_DAYS, "bus.inbox": BUS_DAYS}
"""Tables that keep only the youngest copies: closed referrals have no clock, and the bus is swept."""

FUNCTIONS = """
    CREATE SCHEMA bench;
    CREATE FUNCTION bench.mixed(k bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT (k * 2654435761) & 4294967295
    $$;
    -- the high 48 bits of a UUIDv7 are its milliseconds; of any other id 32 random bits are mixed with the copy's k
    CREATE FUNCTION bench.fresh(id uuid, k bigint, step_ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN id IS NULL THEN NULL
        WHEN substr(id::text, 15, 1) = '7' THEN
          (lpad(to_hex(('x0000' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(64)::bigint
                       - k * step_ms), 12, '0') || substr(id::text, 15))::uuid
        ELSE (lpad(to_hex((('x' || substr(id::text, 1, 8))::bit(32)::bigint # bench.mixed(k)) & 4294967295), 8, '0')
              || substr(id::text, 9))::uuid END
    $$;
"""


@dataclass(frozen=True)
class Copying:
    """How many times each genuine case is copied, and by how many milliseconds each copy is older than the last."""

    copies: int
    step_ms: int

    def youngest(self, days: int) -> int:
        """How many of the copies are not older than `days`."""
        return min(self.copies, int(days * 86_400_000 / self.step_ms))


def fill(connect: Connect, cases: int, *, days: int = DAYS_BACK) -> int:
    """Copy what is stored, back over so many days, until there are at least `cases`; returns how many there are.

    Minutes for a million. Nothing else may work on the database meanwhile.
    """
    with connect() as conn:
        conn.execute(FUNCTIONS)
        genuine = _one(conn, "SELECT count(*) FROM intake.assessment")
        copies = -(-(cases - genuine) // genuine)
        copying = Copying(copies, days * 86_400_000 // copies)
        tables = [*_tables(conn), "bus.event", "bus.inbox"]
        statements = {table: _statement(conn, table, copying) for table in tables}
    jobs = [_job(connect, table, statements[table], copying) for table in tables]
    with ThreadPoolExecutor(PARALLEL) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
    with connect() as conn:
        conn.execute("DROP SCHEMA bench CASCADE")
        conn.execute("VACUUM (ANALYZE)")
        conn.execute("CHECKPOINT")
        return _one(conn, "SELECT count(*) FROM intake.assessment")


def _job(connect: Connect, table: str, statement: str, copying: Copying) -> Callable[[], None]:
    """Copy one table, oldest first, in steps of AT_ONCE copies."""
    copies = copying.youngest(NOT_OLD[table]) if table in NOT_OLD else copying.copies

    def job() -> None:
        with connect() as conn:
            conn.execute("SET session_replication_role = replica")  # rows come in any order of their tables
            conn.execute("SET synchronous_commit = off")
            for oldest in range(copies, 0, -AT_ONCE):
                conn.execute(statement, {"oldest": oldest, "youngest": max(1, oldest - AT_ONCE + 1)})

    return job


def _tables(conn: psycopg.Connection[Any]) -> list[str]:
    """Tables that hold cases, the largest first."""
    found = conn.execute(
        """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind = 'r' AND n.nspname = ANY(%(schemas)s)
             AND (c.oid = 'intake.person'::regclass OR EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attname = ANY(%(columns)s)))
           ORDER BY pg_relation_size(c.oid) DESC""",
        {"schemas": list(SCHEMAS), "columns": list(OF_A_CASE)},
    )
    return [name for (name,) in found]


def _statement(conn: psycopg.Connection[Any], table: str, copying: Copying) -> str:
    """The INSERT that copies the genuine rows of `table`, which are set aside for it."""
    source = "bench." + table.replace(".", "_")
    conn.execute(f"CREATE UNLOGGED TABLE {source} AS TABLE {table}")
    conn.execute(f"ANALYZE {source}")
    columns = conn.execute(
        """SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
           ORDER BY attnum""",
        (table,),
    ).fetchall()
    own = CHANGED.get(table, {})
    values = [own.get(name) or _copied(name, kind, copying.step_ms) for name, kind in columns]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    return (
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)}"
        f" FROM generate_series(%(oldest)s::bigint, %(youngest)s::bigint, -1) AS k,"
        f" LATERAL (SELECT k * interval '{copying.step_ms} ms' AS age) AS a, {source} AS s"
    )


def _copied(name: str, kind: str, step_ms: int) -> str:
    """What stands in a column of a copy."""
    column = f's."{name}"'
    if kind == "uuid" and name not in SHARED_IDS:
        return f"bench.fresh({column}, k, {step_ms})"
    if kind in {"timestamp with time zone", "date"}:
        shifted = f"{column} - age"
        return f"({shifted})::date" if kind == "date" else shifted
    if name == "subject":
        fresh = f"bench.fresh(split_part({column}, '/', 2)::uuid, k, {step_ms})"
        return f"split_part({column}, '/', 1) || '/' || {fresh}"
    if name == "number_index":
        return f"overlay({column} placing substr(int8send(bench.mixed(k)), 5) from 1 for 4)"
    return column


def _one(conn: psycopg.Connection[Any], query: str) -> int:
    row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0
