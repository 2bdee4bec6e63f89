"""`ruta up`: the embedded stack in the foreground."""

from __future__ import annotations

import time
from pathlib import Path

import click

from deploy.local.environment import Address
from deploy.local.options import data_option, port_option
from deploy.local.processes import Supervisor
from deploy.local.terminal import either, say

STEPS = {
    "database": ("Arrancando PostgreSQL y Valkey…", "Starting PostgreSQL and Valkey…"),
    "schemas": ("Poniendo al día los esquemas…", "Bringing the schemas up to date…"),
    "services": ("Arrancando los tres servicios…", "Starting the three services…"),
}


def tell(step: str) -> None:
    """Say which step begins."""
    say(*STEPS[step])


@click.command()
@port_option
@data_option
def up(port: int, data: Path) -> None:
    """Todo Ruta en primer plano, hasta Ctrl-C. / All of Ruta in the foreground, until Ctrl-C."""
    began = time.monotonic()
    supervisor = Supervisor(data, Address("127.0.0.1", port), tell=tell)
    supervisor.on_signals()
    supervisor.start()
    where = f"[bold]{supervisor.address.url}[/bold] ({time.monotonic() - began:.1f} s)"
    data = supervisor.stack.data
    say(
        f"Ruta está en {where}. Datos en {data}. Ctrl-C la detiene.",
        f"Ruta is at {where}. Data in {data}. Ctrl-C stops it.",
    )
    supervisor.run()
    click.echo(either("Ruta se detuvo.", "Ruta has stopped."))
