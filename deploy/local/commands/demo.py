"""`ruta demo`: the whole system at work on sample cases."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from deploy.local import seed as sample
from deploy.local.commands.seed import load, password_of
from deploy.local.commands.up import tell
from deploy.local.demo.api import Api
from deploy.local.demo.play import Play
from deploy.local.demo.tables import journeys_table
from deploy.local.environment import Address
from deploy.local.options import data_option, port_option
from deploy.local.processes import Supervisor
from deploy.local.terminal import console, say
from shared.clock import utc_now

SIGN_INS = ("punto-focal-co", "coordinacion-1", "administracion")


@click.command()
@click.option("--once", is_flag=True, help="Termina por sí solo: 0 si todo llegó a su fin. / Ends by itself.")
@port_option
@data_option
def demo(once: bool, port: int, data: Path) -> None:
    """Todo Ruta con casos de ejemplo, a la vista. / All of Ruta with sample cases, as it happens."""
    began = time.monotonic()
    supervisor = Supervisor(data, Address("127.0.0.1", port), tell=tell)
    supervisor.on_signals()
    supervisor.start()
    left: Mapping[str, list[str]] = {}
    try:
        say(f"Lista en {time.monotonic() - began:.1f} s.", f"Up in {time.monotonic() - began:.1f} s.")
        left = play(supervisor, data)
        where_next(supervisor, data)
    except BaseException:
        supervisor.stop()
        raise
    if once:
        supervisor.stop()
    else:
        supervisor.run()
    if left:
        raise click.exceptions.Exit(1)


def play(supervisor: Supervisor, data: Path) -> dict[str, list[str]]:
    """Load the samples, play them and print the journeys. Returns what is missing, by case."""
    loaded = load(supervisor.settings, password_of(data))
    say(
        f"{loaded.organizations} organizaciones y {loaded.services} servicios de ejemplo.",
        f"{loaded.organizations} sample organizations and {loaded.services} services.",
    )
    api = Api(supervisor.address.url, supervisor.settings["SECRET_KEY"])
    cases = sample.samples(now=utc_now())
    staged = Play(api, cases, sample.accounts(), console.print)

    def should_stop() -> bool:
        supervisor.look_after()
        return supervisor.ending.is_set()

    left = staged.run(should_stop)
    console.print(journeys_table([one for one in staged.journeys.values() if one.now], staged.organizations))
    ended = len(cases) - len(left)
    say(
        f"{ended} de {len(cases)} casos llegaron a su fin.",
        f"{ended} of {len(cases)} cases reached their end.",
    )
    for name, lines in left.items():
        console.print(f"[red]{name}[/red]: {'; '.join(lines)}")
    return left


def where_next(supervisor: Supervisor, data: Path) -> None:
    """Print addresses and sign-ins."""
    url = supervisor.address.url
    provider = next(one["username"] for one in sample.accounts() if one["role"] == "provider")
    say(f"\n[bold]Siga en {url}[/bold]", f"\n[bold]Go on at {url}[/bold]")
    for name in (*SIGN_INS, provider):
        console.print(f"  {name}", markup=False)
    say(f"  contraseña de todas: {password_of(data)}", f"  password of all: {password_of(data)}")
    for spanish, english, path in (
        ("mensajes que verían los teléfonos", "messages as phones would show them", "/notifications/sandbox"),
        ("API", "API", "/intake/api/docs · /referral/api/docs · /notifications/api/docs"),
    ):
        say(f"  {spanish}: {path}", f"  {english}: {path}")
    say("  Ctrl-C detiene todo.", "  Ctrl-C stops everything.")
