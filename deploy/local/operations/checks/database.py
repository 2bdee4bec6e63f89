"""What the database tells: reachable, same time, same schemas, workers there, nothing piling up."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from deploy.local.operations.checks.finding import Finding, fail, ok, warn
from shared.bus import backlog
from shared.database import SCHEMAS, alembic_config, has_migrations, make_engine

SUBSCRIBERS = ("intake", "referral", "notifications")
SKEW_WARN, SKEW_FAIL = timedelta(seconds=2), timedelta(seconds=30)
LAG_WARN, LAG_FAIL = 30.0, 300.0
OLD_TRANSACTION = timedelta(minutes=5)


def clock(conn: Connection, now: Callable[[], datetime]) -> Finding:
    """The database's clock against ours."""
    before = now()
    theirs = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    skew = max(before - theirs, theirs - now(), timedelta())
    seen = f"{skew.total_seconds():.1f} s"
    if skew < SKEW_WARN:
        return ok(
            "clock", "El reloj y el de la base de datos coinciden.", "Our clock and the database's agree."
        )
    spanish = f"El reloj difiere en {seen} del de la base de datos: ponga los relojes en hora (NTP)."
    english = f"The clock is {seen} off the database's: set the clocks (NTP)."
    return (fail if skew >= SKEW_FAIL else warn)("clock", spanish, english)


def migrations(settings: Mapping[str, str]) -> Finding:
    """Each schema whose address the settings hold, against the migrations of this release."""
    pending: list[str] = []
    current: list[str] = []
    for package, schema in SCHEMAS.items():
        url = settings.get(f"{schema.upper()}_DATABASE_URL")
        if url is None or importlib.util.find_spec(package) is None or not has_migrations(package):
            continue
        wanted = ScriptDirectory.from_config(alembic_config(url, package)).get_current_head()
        (current if _revision(url, schema) == wanted else pending).append(schema)
    if pending:
        names = ", ".join(pending)
        return fail(
            "migrations",
            f"Esquemas sin poner al día: {names}. Arranque `ruta up`, o ejecute las migraciones de la imagen.",
            f"Schemas not up to date: {names}. Start `ruta up`, or run the image's migrations.",
        )
    names = ", ".join(current)
    return ok("migrations", f"Esquemas al día: {names}.", f"Schemas up to date: {names}.")


def _revision(url: str, schema: str) -> str | None:
    table = f"{schema}.alembic_version"
    engine = make_engine(url, pool_size=1, application="ruta doctor")
    try:
        with engine.connect() as conn:
            if conn.execute(text("SELECT to_regclass(:table)"), {"table": table}).scalar_one() is None:
                return None
            query = text(f"SELECT version_num FROM {table}")  # noqa: S608 (a name of ours)
            found: str | None = conn.execute(query).scalar_one_or_none()
            return found
    finally:
        engine.dispose()


def workers(conn: Connection) -> Iterable[Finding]:
    """Whether each service has a worker connected: without one, its queue only grows."""
    names = conn.scalars(text("SELECT DISTINCT application_name FROM pg_stat_activity")).all()
    for service in SUBSCRIBERS:
        if f"ruta {service} worker" in names:
            yield ok(f"worker {service}", f"{service}: hay quien trabaje.", f"{service}: there is a worker.")
        else:
            yield fail(
                f"worker {service}",
                f"{service}: nadie atiende su cola. Arranque su worker y mire su registro.",
                f"{service}: nobody works on its queue. Start its worker and look at its log.",
            )


def queues(conn: Connection) -> Iterable[Finding]:
    """How far behind each subscriber is, and what it could not act on."""
    for service in SUBSCRIBERS:
        state = backlog(conn, service)
        name = f"queue {service}"
        seen = f"{state.due}, {state.lag:.0f} s"
        if state.lag >= LAG_WARN:
            yield (fail if state.lag >= LAG_FAIL else warn)(
                name,
                f"{service}: eventos en espera: {seen}. Mire su worker; con más workers va más rápido.",
                f"{service}: events waiting: {seen}. Look at its worker; more workers go faster.",
            )
        else:
            yield ok(name, f"{service}: al día ({seen}).", f"{service}: keeping up ({seen}).")
        if state.dead:
            yield warn(
                f"dead letters {service}",
                f"{service}: {state.dead} eventos detenidos: `ruta events dead-letters list`.",
                f"{service}: {state.dead} dead letters: `ruta events dead-letters list`.",
            )


def transactions(conn: psycopg.Connection) -> Finding:
    """A transaction that stays open keeps PostgreSQL from clearing up, and queues get slow. `conn` is of somebody who
    sees the transactions of every role."""
    found = conn.execute(
        "SELECT max(clock_timestamp() - xact_start) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    ).fetchone()
    oldest = found[0] if found else None
    if oldest is not None and oldest > OLD_TRANSACTION:
        minutes = oldest.total_seconds() / 60
        return warn(
            "transactions",
            f"Una transacción lleva {minutes:.0f} minutos abierta: busque en pg_stat_activity de quién es.",
            f"A transaction has been open for {minutes:.0f} minutes: see in pg_stat_activity whose it is.",
        )
    return ok("transactions", "Ninguna transacción demasiado larga.", "No transaction is too long.")
