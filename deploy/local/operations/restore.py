"""`ruta restore FILE`: put a backup in the place of the database."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from pathlib import Path

import click
import psycopg
from psycopg import sql

from deploy.local.embedded.errors import StackError
from deploy.local.embedded.roles import role_of
from deploy.local.operations.place import Place, is_running, is_server, place_of
from deploy.local.options import data_option
from deploy.local.terminal import either, say
from shared.clock import utc_now
from shared.database import SCHEMAS, has_migrations, migrate

OURS = "bus.inbox"
IN_DOUBT = """
    UPDATE notifications.notification
    SET status = 'sending', lease_until = %(now)s, updated_at = %(now)s
    WHERE audience = 'person' AND status IN ('held', 'queued')
"""
"""As if a worker had died while it sent them: the notifications service then asks a person to call instead."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--resume",
    is_flag=True,
    help="Nada se envió después de la copia: los mensajes pendientes siguen. / Nothing was sent since.",
)
@click.option("--yes", is_flag=True, help="Sin preguntar. / Do not ask.")
@data_option
def restore(file: Path, resume: bool, yes: bool, data: Path) -> None:
    """Pone una copia en lugar de la base de datos. / Put a backup in the place of the database.

    Lo que esperaba salir hacia una persona no se envía: pudo salir después de la copia, y un segundo mensaje puede
    ponerla en peligro. Se pide a alguien que la llame.

    What waited to be sent to a person is not sent: it may have gone out since, and a second message can put her in
    danger. Somebody is asked to call.
    """
    if is_running(data) and not is_server():
        raise StackError("Ruta está en marcha: deténgala primero.", "Ruta is running: stop it first.")
    if not yes:
        click.confirm(
            either("Se reemplazan todos los datos. ¿Seguir?", "All data will be replaced. Go on?"), abort=True
        )
    doubtful = put_back(file, data, resume=resume)
    say(
        f"Restaurado desde {file}. Mensajes que una persona debe resolver: {doubtful}.",
        f"Restored from {file}. Messages that somebody has to settle: {doubtful}.",
    )


def put_back(file: Path, data: Path, *, resume: bool = False) -> int:
    """Restore beside the old database, bring schemas up to date, then swap: until the last moment nothing is gone.

    Returns how many messages to persons were taken back from the queue. Raises StackError, with the old database as
    it was.
    """
    now = utc_now()
    with place_of(data) as place:
        fresh = place.on(f"{place.database}_restore")
        with place.connect("postgres") as server:
            _drop(server, fresh.database)
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(fresh.database))
            )
            try:
                fresh.run("pg_restore", "--exit-on-error", f"--dbname={fresh.database}", str(file.resolve()))
                _refuse_another_database(fresh)
                _bring_up_to_date(fresh)
                doubtful = 0 if resume else _doubt(fresh, now)
                _swap(server, place.database, fresh.database)
            except BaseException:
                _drop(server, fresh.database)
                raise
    return doubtful


def _refuse_another_database(fresh: Place) -> None:
    """A sound backup of something else would be put in the place of all cases."""
    with fresh.connect() as conn:
        known = conn.execute(f"SELECT to_regclass('{OURS}') IS NOT NULL").fetchone()
    if known != (True,):
        raise StackError("Esa copia no es de Ruta.", "This is not a backup of Ruta.")


def _bring_up_to_date(fresh: Place) -> None:
    """A backup of an older release gets the schemas of this one. Raises StackError for one of a newer release."""
    from alembic.util import CommandError  # noqa: PLC0415 - as in shared.database

    try:
        for package, schema in SCHEMAS.items():
            if importlib.util.find_spec(package) is not None and has_migrations(package):
                migrate(fresh.url, package, owner=role_of(schema))
    except CommandError as error:
        raise StackError(
            f"Esa copia no se puede poner al día con esta versión de Ruta; ¿es de una más nueva? ({error})",
            f"This release of Ruta cannot bring this backup up to date; is it of a newer one? ({error})",
        ) from error


def _doubt(fresh: Place, now: datetime) -> int:
    with fresh.connect() as conn:
        return conn.execute(IN_DOUBT, {"now": now}).rowcount


def _swap(server: psycopg.Connection, old: str, fresh: str) -> None:
    others = server.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (old,)
    ).fetchone()
    if others and others[0]:
        raise StackError(
            f"{others[0]} conexiones usan la base de datos: detenga primero los servicios.",
            f"{others[0]} connections use the database: stop the services first.",
        )
    aside = f"{old}_before"
    _drop(server, aside)
    with server.transaction():
        for name, other in ((old, aside), (fresh, old)):
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))
            )
    _drop(server, aside)


def _drop(server: psycopg.Connection, database: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
