"""`ruta events dead-letters …`: events that nobody could act on."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.table import Table
from sqlalchemy import Connection

from deploy.local.environment import settings_for
from deploy.local.options import data_option
from deploy.local.terminal import console, either, say
from shared.bus import Doorbell, dead_letters
from shared.database import make_engine
from shared.errors import NotFound

subscriber_option = click.option(
    "--subscriber", required=True, help="Servicio que no pudo. / Service that could not act."
)


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
@click.option("--subscriber", help="Solo los de este servicio. / Only those of this service.")
@data_option
def list_letters(subscriber: str | None, data: Path) -> None:
    """Lista, los más antiguos primero. / List them, oldest first."""
    with _bus(data) as (conn, _):
        found = dead_letters.find(conn, subscriber=subscriber)
    if not found:
        say("No hay eventos detenidos.", "There are no dead letters.")
        return
    table = Table(
        "event",
        "subscriber",
        "type",
        "subject",
        either("intentos", "attempts"),
        "error",
        either("esperan", "waiting"),
    )
    for one in found:
        table.add_row(
            one.event_id,
            one.subscriber,
            one.type,
            one.subject,
            str(one.attempts),
            one.error_class,
            str(one.waiting),
        )
    console.print(table)


@letters.command("show")
@click.argument("event_id", type=click.UUID)
@data_option
def show_letter(event_id: object, data: Path) -> None:
    """Todo lo que se sabe de uno. / All that is known about one."""
    with _bus(data) as (conn, _):
        found = dead_letters.find(conn, event_id=str(event_id))
    if not found:
        raise NotFound("No hay un evento detenido con ese identificador.", code="dead_letter_not_found")
    for one in found:
        console.print(one)


@letters.command("replay")
@click.argument("event_id", type=click.UUID)
@subscriber_option
@data_option
def replay_letter(event_id: object, subscriber: str, data: Path) -> None:
    """Intentarlo de nuevo. / Try again."""
    with _bus(data) as (conn, doorbell):
        dead_letters.replay(conn, subscriber=subscriber, event_id=str(event_id), by=getpass.getuser())
    doorbell.ring_for([subscriber])
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
    doorbell.ring_for([subscriber])
    say("El evento quedó descartado.", "The event was discarded.")
