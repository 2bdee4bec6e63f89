"""`ruta doctor`: looks for the usual mistakes, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import sqlalchemy
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from deploy.local.embedded.errors import StackError
from deploy.local.environment import settings_for
from deploy.local.operations.checks import broker, database, machine, rules
from deploy.local.operations.checks.finding import Finding, State, fail, warn
from deploy.local.operations.place import is_running, is_server, place_of
from deploy.local.options import data_option
from deploy.local.terminal import console
from shared.clock import utc_now
from shared.database import make_engine

MARKS = {State.OK: "[green]ok  [/green]", State.WARN: "[yellow]warn[/yellow]", State.FAIL: "[red]fail[/red]"}
ON_A_SERVER = "INTAKE_DATABASE_URL"
RULES = "REFERRAL_DATABASE_URL"


@click.command()
@data_option
def doctor(data: Path) -> None:
    """Busca los errores de siempre y dice qué hacer. / Look for the usual mistakes and say what to do.

    Sale con 1 si algo impide trabajar. / Exit status 1 when something keeps Ruta from working.
    """
    found = []
    for one in examine(data):
        found.append(one)
        console.print(f"{MARKS[one.state]} {one.name:26} {escape(one.text)}")
    if any(one.state is State.FAIL for one in found):
        raise click.exceptions.Exit(1)


def examine(data: Path) -> Iterator[Finding]:
    """Every check in turn, each as soon as it is known."""
    yield machine.disk(data)
    runs = is_running(data)
    with settings_for(data) as settings:
        serves = runs or settings.get("RUTA_ENVIRONMENT") == "production"
        if not serves:
            yield warn(
                "running",
                "Ruta no está en marcha: se examina la base de datos, no los procesos.",
                "Ruta is not running: the database is looked at, not the processes.",
            )
        yield from _database(settings, serves=serves)
        if runs or is_server():
            yield from _transactions(data)
        yield from broker.look(settings.get("BROKER_URL", ""))
        yield from machine.gateway(settings)
        yield from machine.traces(settings)
    if runs:
        yield machine.last_backup(data)


def _transactions(data: Path) -> Iterator[Finding]:
    """Asked as the administrator: a service's role does not see how long the others' transactions last."""
    try:
        with place_of(data) as place, place.connect() as conn:
            yield database.transactions(conn)
    except StackError:
        return  # said already: the database does not answer


def _database(settings: Mapping[str, str], *, serves: bool) -> Iterator[Finding]:
    url = settings.get("BUS_DATABASE_URL") or settings[ON_A_SERVER]
    engine = make_engine(url, pool_size=1, application="ruta doctor")
    try:
        with engine.connect() as conn:
            conn.execute(sqlalchemy.text("SELECT 1"))
            yield database.clock(conn, utc_now)
            yield from database.queues(conn)
            if serves:
                yield from database.workers(conn)
        schemas = database.migrations(settings)
        yield schemas
        if schemas.state is State.OK and RULES in settings:
            yield rules.look(settings[RULES], now=utc_now())
    except SQLAlchemyError as error:
        yield fail(
            "database",
            f"La base de datos no responde ({type(error).__name__}): arránquela y mire su registro.",
            f"The database does not answer ({type(error).__name__}): start it and look at its log.",
        )
    finally:
        engine.dispose()
