"""`ruta events dead-letters …`: events that nobody could act on."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from deploy.local.environment import SERVICES, settings_for
from deploy.local.options import data_option
from deploy.local.terminal import console, either, errors, say
from shared.bus import Doorbell, dead_letters, drain_of
from shared.clock import rfc3339
from shared.database import make_engine
from shared.errors import NotFound

UUID_WIDTH = 36
subscriber_option = click.option(
    "--subscriber",
    required=True,
    type=click.Choice(SERVICES),
    help="Servicio que no pudo. / Service that could not act.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Para un programa. / For a program.")


@click.group()
def events() -> None:
    """Los eventos entre servicios. / The events between services."""


@events.group("dead-letters")
def letters() -> None:
    """Eventos con los que nadie pudo. / Events that nobody could act on."""


@contextmanager
def _bus(data: Path) -> Iterator[tuple[Connection, Doorbell]]:
    """One transaction on the bus, and its doorbell."""
    with settings_for(data) as settings:
        engine = make_engine(settings["BUS_DATABASE_URL"], pool_size=1, application="ruta events")
        try:
            with engine.begin() as conn:
                yield conn, Doorbell(settings["BROKER_URL"])
        finally:
            engine.dispose()


@letters.command("list")
@click.option(
    "--subscriber",
    type=click.Choice(SERVICES),
    help="Solo los de este servicio. / Only those of this service.",
)
@json_option
@data_option
def list_letters(subscriber: str | None, as_json: bool, data: Path) -> None:
    """Lista, los más antiguos primero. / List them, oldest first."""
    with _bus(data) as (conn, _):
        found = dead_letters.find(conn, subscriber=subscriber)
    if as_json:
        _print_json([asdict(one) for one in found])
    elif found:
        columns = ("event_id", "subscriber", "type", "attempts", "error_class", "waiting")
        _print_table(columns, [asdict(one) for one in found])
    else:
        say("No hay eventos detenidos.", "There are no dead letters.")
    if len(found) == dead_letters.MOST:
        errors.print(
            either(
                f"Solo los {len(found)} más antiguos; puede haber más.",
                f"Only the {len(found)} oldest; there may be more.",
            )
        )


@letters.command("decided")
@json_option
@data_option
def list_decisions(as_json: bool, data: Path) -> None:
    """Lo que se decidió, quién y por qué, lo más nuevo primero. / What was decided, by whom and why, newest first."""
    with _bus(data) as (conn, _):
        found = [asdict(one) for one in dead_letters.decided(conn)]
    if as_json:
        _print_json(found)
    elif found:
        _print_table(("event_id", "subscriber", "decision", "reason", "decided_by", "decided_at"), found)
    else:
        say("Nada se ha decidido.", "Nothing has been decided.")


@letters.command("show")
@click.argument("event_id", type=click.UUID)
@json_option
@data_option
def show_letter(event_id: object, as_json: bool, data: Path) -> None:
    """Todo lo que se sabe de uno, también lo que se decidió. / All that is known about one, also what was decided."""
    with _bus(data) as (conn, _):
        found = [asdict(one) for one in dead_letters.find(conn, event_id=str(event_id))]
        decisions = [asdict(one) for one in dead_letters.decided(conn, event_id=str(event_id))]
    if not found and not decisions:
        raise NotFound("No hay un evento detenido con ese identificador.", code="dead_letter_not_found")
    if as_json:
        _print_json({"dead_letters": found, "decisions": decisions})
        return
    for one in (*found, *decisions):
        for name, value in one.items():
            console.print(f"{name:12} {_shown(value)}", markup=False)
        console.print()


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, default=rfc3339, ensure_ascii=False, indent=2))


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(*columns, box=SIMPLE)
    for column in table.columns:
        if column.header == "event_id":
            column.no_wrap, column.min_width = True, UUID_WIDTH  # it has to be copied
    for row in rows:
        table.add_row(*(escape(_shown(row[name])) for name in columns))
    console.print(table)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    return "–" if value is None else str(value)


@letters.command("replay")
@click.argument("event_id", type=click.UUID)
@subscriber_option
@data_option
def replay_letter(event_id: object, subscriber: str, data: Path) -> None:
    """Intentarlo de nuevo. / Try again."""
    with _bus(data) as (conn, doorbell):
        dead_letters.replay(conn, subscriber=subscriber, event_id=str(event_id), by=getpass.getuser())
    doorbell.ring(drain_of(subscriber))
    say("El evento se intentará de nuevo.", "The event will be tried again.")


@letters.command("discard")
@click.argument("event_id", type=click.UUID)
@subscriber_option
@click.option("--reason", required=True, help="Por qué se descarta; queda anotado. / Why; it is kept.")
@data_option
def discard_letter(event_id: object, subscriber: str, reason: str, data: Path) -> None:
    """Darlo por perdido, con un motivo. / Give it up, with a reason."""
    with _bus(data) as (conn, doorbell):
        dead_letters.discard(
            conn, subscriber=subscriber, event_id=str(event_id), reason=reason, by=getpass.getuser()
        )
    doorbell.ring(drain_of(subscriber))
    say("El evento quedó descartado.", "The event was discarded.")
