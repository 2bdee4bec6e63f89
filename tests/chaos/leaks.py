"""Invented names and phones, looked for where nothing personal may be: tables, broker, logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from tests.chaos.cases import MARK
from tests.chaos.world import World

PERSONAL = re.compile(rf"{MARK}|(?<![0-9a-f])(?:\+|%2B)?57300\d{{7}}(?!\d)")
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('intake', 'referral', 'notifications', 'identity', 'bus')
"""


def look(world: World) -> list[str]:
    """Where something personal was found; the finding itself is not repeated."""
    with world.database(patience=30) as conn:
        found = [*in_tables(conn), *in_broker(world.broker.values())]
    return [*found, *in_files(world.broker.folder()), *in_files(world.data / "log")]


def in_tables(conn: psycopg.Connection) -> Iterator[str]:
    for (table,) in conn.execute(TABLES).fetchall():
        query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%{MARK}%' OR t::text LIKE '%+57300%'"
        count = conn.execute(query).fetchone()[0]
        if count:
            yield f"table {table}: {count} rows in clear"


def in_broker(values: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in values:
        if PERSONAL.search(f"{name} {value}"):
            yield f"broker: {name}"


def in_files(folder: Path) -> Iterator[str]:
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        with file.open("r", encoding="utf-8", errors="replace") as text:
            count = sum(1 for line in text if PERSONAL.search(line))
        if count:
            yield f"file {file.name}: {count} lines"
