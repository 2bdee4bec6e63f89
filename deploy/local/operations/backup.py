"""`ruta backup FILE`: everything that must not be lost, in one file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from deploy.local.embedded.errors import StackError
from deploy.local.environment import names_a_server
from deploy.local.operations.place import holds_a_database, is_server, place_of
from deploy.local.options import data_option
from deploy.local.terminal import say

LAST = "last-backup"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(file: Path, data: Path) -> None:
    """Copia de seguridad de la base de datos, con Ruta en marcha o no. / Back the database up, running or not.

    Las claves no van en la copia: sin ellas lo cifrado no se puede leer. Guárdelas aparte.

    The keys are not in the backup, and without them nobody can read what is sealed. Keep them apart.
    """
    back_up(file, data)
    size = file.stat().st_size / 1_000_000
    keys = "SECRET_KEY, INTAKE_ENCRYPTION_KEY, NOTIFICATIONS_ENCRYPTION_KEY"
    where = keys if is_server() else str(data / "secrets.env")
    say(
        f"Copia en {file} ({size:.1f} MB). Guarde aparte las claves: {where}. Sin ellas la copia no sirve.",
        f"Backup in {file} ({size:.1f} MB). Keep the keys apart: {where}. Without them it is of no use.",
    )


def back_up(file: Path, data: Path) -> None:
    """Write the backup; `file` appears whole or not at all, readable by its owner alone. The broker is not in it: it
    holds nothing that matters. Raises StackError, also for a data folder without a database: a backup of nothing would
    look like one."""
    if not (is_server() or names_a_server() or holds_a_database(data)):
        raise StackError(
            f"En {data} no hay una base de datos de Ruta.", f"There is no database of Ruta in {data}."
        )
    unfinished = file.with_name(f"{file.name}.unfinished")
    _make(unfinished)
    try:
        with place_of(data) as place:
            place.run("pg_dump", "--format=custom", "--compress=6", f"--file={unfinished.resolve()}")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    if data.is_dir():
        (data / LAST).touch()


def _make(file: Path) -> None:
    """An empty file that nobody else can read. Raises StackError where none can be."""
    try:
        file.unlink(missing_ok=True)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StackError(
            f"No se puede escribir en {file.parent}: {error.strerror}.",
            f"Nothing can be written in {file.parent}: {error.strerror}.",
        ) from error
