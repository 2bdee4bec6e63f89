"""PostgreSQL through SQLAlchemy Core and psycopg 3.

One engine per process and role. Every schema carries its own migrations and its own version table, so that
each service moves at its own pace.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 30_000
DEAD_PEER = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
"""A server that vanished without a word (a cable, a firewall, a host that froze) is noticed within half a minute; the
system's own default is two hours."""

SCHEMAS = {
    "shared.bus": "bus",
    "shared.identity": "identity",
    "services.intake": "intake",
    "services.referral": "referral",
    "services.notifications": "notifications",
}
"""Which package's migrations make which schema, in the order in which they run."""


def make_engine(url: str, *, pool_size: int = 8, application: str = "ruta") -> Engine:
    """An engine for `postgresql://…` URLs. Connections are checked before use, so that a restarted server costs one
    reconnect and no error; a statement may take 30 s, a lock 5 s.

    Plans are made anew for each execution: one that was made while a queue's table was empty reads all of it later.
    """
    return sqlalchemy.create_engine(
        _driver(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={
            "application_name": application,
            "connect_timeout": 5,
            **DEAD_PEER,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
            " -c plan_cache_mode=force_custom_plan",
        },
    )


def migrate(url: str, package: str, *, revision: str = "head", owner: str | None = None) -> None:
    """Bring the schema of `package` (a key of SCHEMAS) to `revision`.

    `url` is of a role that may create there; with `owner`, what is made belongs to that role.
    """
    config = alembic_config(url, package)
    config.attributes["owner"] = owner
    if revision in {"base"} or revision.startswith("-"):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def alembic_config(url: str, package: str) -> Config:
    """Alembic's configuration for the migrations of `package`."""
    folder = Path(str(importlib.import_module(package).__file__)).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration_environment"))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "newline")
    config.attributes["url"] = _driver(url)
    config.attributes["schema"] = SCHEMAS[package]
    return config


def has_migrations(package: str) -> bool:
    """Whether `package` has at least one migration."""
    folder = Path(str(importlib.import_module(package).__file__)).parent / "migrations" / "versions"
    return any(folder.glob("[0-9]*.py"))


def json_rows(rows: list[dict[str, Any]]) -> str:
    """`rows` as one JSON text for `jsonb_to_recordset(:rows)`: one parameter and one round trip for a whole batch.

    UUIDs, times and decimals become their text.
    """
    return json.dumps(rows, default=str, ensure_ascii=False, separators=(",", ":"))


def _driver(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("a database URL starts with postgresql://")
    return f"postgresql+psycopg://{rest}"
