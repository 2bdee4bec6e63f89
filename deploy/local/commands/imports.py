"""`ruta import …`: bring data in from files."""

from __future__ import annotations

import click

from deploy.local.lazy import LazyGroup

COMMANDS = {
    "directory": "deploy.local.import_directory:directory",
    "assessments": "deploy.local.import_assessments:assessments",
}


@click.group(name="import", cls=LazyGroup, places=COMMANDS)
def imports() -> None:
    """Traer datos de archivos. / Bring data in from files."""
