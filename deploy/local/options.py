"""Options that several `ruta` commands share."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    envvar="RUTA_DATA",
    default=".ruta",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Carpeta de datos. / Data folder.",
)
port_option = click.option(
    "--port",
    envvar="RUTA_PORT",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Puerto local. / Local port.",
)
