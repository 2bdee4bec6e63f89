"""PostgreSQL through SQLAlchemy Core and psycopg 3.

One engine per process and role. Every schema carries its own migrations and its own version table, so that
each service moves at its own pace.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

from shared.silence import STATEMENT_TIMEOUT_MS, Impatient, Witness

if TYPE_CHECKING:
    from alembic.config import Config

LOCK_TIMEOUT_MS = 5_000
DEAD_PEER = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
"""A server that vanished without a word (a cable, a firewall, a host that froze) is noticed within half a minute; the
system's own default is two hours. What goes silent while something in between still takes our bytes: see
`shared.silence`."""
ASK_AFTER_SECONDS = 1.0
"""A connection that was used within the last second is not asked whether it is still there: under load that would be
a fifth of all statements. A server that restarts takes longer than this; a connection that was broken meanwhile is
what transactions and repeats are for."""
RESTING_SINCE = "ruta.resting_since"

SCHEMAS = {
    "shared.bus": "bus",
    "shared.identity": "identity",
    "services.intake": "intake",
    "services.referral": "referral",
    "services.notifications": "notifications",
}
"""Which package's migrations make which schema, in the order in which they run."""


def make_engine(url: str, *, pool_size: int = 8, application: str = "ruta") -> Engine:
    """An engine for `postgresql://…` URLs. Connections that rested are checked before use, so that a restarted server
    costs one reconnect and no error; a statement may take 30 s, a lock 5 s.

    Plans are made anew for each execution: one that was made while a queue's table was empty reads all of it later.
    """
    engine = sqlalchemy.create_engine(
        _driver(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        connect_args={
            "application_name": application,
            "connect_timeout": 5,
            **DEAD_PEER,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
            " -c plan_cache_mode=force_custom_plan",
        },
    )
    event.listen(engine, "do_connect", _connecting(Witness()))
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _check_rested(engine))
    return engine


def _connecting(witness: Witness) -> Callable[..., Any]:
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        made = Impatient.connect(*arguments, **options)
        witness.reach_by(arguments, options)
        made.witness = witness
        return made

    return connect


def _note_rest(_: Any, record: Any) -> None:
    record.info[RESTING_SINCE] = time.monotonic()


def _check_rested(engine: Engine) -> Callable[[Any, Any, Any], None]:
    def check(connection: Any, record: Any, _: Any) -> None:
        """Ask a connection that has rested whether its server is still there; if not, the pool makes new ones."""
        since = record.info.pop(RESTING_SINCE, None)
        if since is None or time.monotonic() - since < ASK_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return check


def migrate(url: str, package: str, *, revision: str = "head", owner: str | None = None) -> None:
    """Bring the schema of `package` (a key of SCHEMAS) to `revision`.

    `url` is of a role that may create there; with `owner`, what is made belongs to that role.
    """
    from alembic import command  # noqa: PLC0415 - a tenth of a second at start that only migrations need

    config = alembic_config(url, package)
    config.attributes["owner"] = owner
    if revision in {"base"} or revision.startswith("-"):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def alembic_config(url: str, package: str) -> Config:
    """Alembic's configuration for the migrations of `package`."""
    from alembic.config import Config  # noqa: PLC0415 - as above

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
