"""The real PostgreSQL and Valkey that tests run on: one pair for the whole run, emptied between tests."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import redis
from sqlalchemy import Engine, text

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.schemas import migrate_all
from services.referral.subscriptions import ROUTER
from shared.database import make_engine

TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('intake', 'referral', 'notifications', 'identity', 'bus')
      AND tablename <> 'alembic_version'
"""


class Stack:
    """An embedded stack with every schema migrated. `clean()` brings it back to how it was just after that."""

    def __init__(self, embedded: EmbeddedStack) -> None:
        self.embedded = embedded
        self._engines: dict[str, Engine] = {}
        migrate_all(embedded)
        self._static = set(self._filled_tables())

    def database_url(self, owner: str) -> str:
        """URL as the role of a service, `identity`, `bus` or `admin`."""
        return self.embedded.database_url(owner)

    def engine(self, owner: str) -> Engine:
        """One engine per role, kept for the whole run."""
        if owner not in self._engines:
            self._engines[owner] = make_engine(self.database_url(owner), application=f"test {owner}")
        return self._engines[owner]

    @property
    def broker_url(self) -> str:
        return self.embedded.broker_url

    def clean(self) -> None:
        """Empty every table but those that migrations filled, the broker, and what this process knows of them."""
        filled = [table for table in self._filled_tables() if table not in self._static]
        with self.engine("admin").begin() as conn:
            conn.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
            for table in filled:
                conn.execute(text(f"DELETE FROM {table}"))
        with redis.Redis.from_url(self.broker_url) as broker:
            broker.flushall()
        ROUTER.catalogue.forget()

    def _filled_tables(self) -> list[str]:
        with self.engine("admin").connect() as conn:
            tables = conn.scalars(text(TABLES)).all()
            parts = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables]
            return list(conn.scalars(text(" UNION ALL ".join(parts)))) if parts else []

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self.embedded.stop()


def start() -> tuple[Stack, Path]:
    """A stack in a folder of its own, and that folder."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-test-"))
    embedded = EmbeddedStack(folder, durable=False)
    embedded.start()
    try:
        return Stack(embedded), folder
    except BaseException:
        embedded.stop()
        raise


def end(stack: Stack, folder: Path) -> None:
    stack.close()
    shutil.rmtree(folder, ignore_errors=True)
