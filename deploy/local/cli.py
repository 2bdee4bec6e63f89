"""The command `ruta`. Each subcommand lives in a module of its own and is imported only when it is called."""

from __future__ import annotations

import sys

import click

from deploy.local.embedded.errors import FolderInUse, PortInUse, StackError
from deploy.local.lazy import LazyGroup
from deploy.local.terminal import either, errors
from shared.errors import AppError

COMMANDS = {
    "up": "deploy.local.commands.up:up",
    "demo": "deploy.local.commands.demo:demo",
    "seed": "deploy.local.commands.seed:seed",
    "import": "deploy.local.commands.imports:imports",
    "rules": "deploy.local.rules:rules",
    "account": "deploy.local.commands.account:account",
    "organization": "deploy.local.commands.account:organization",
    "receipts": "deploy.local.commands.receipts:receipts",
    "token": "deploy.local.commands.token:token",
    "events": "deploy.local.commands.events:events",
    "backup": "deploy.local.operations.backup:backup",
    "restore": "deploy.local.operations.restore:restore",
    "doctor": "deploy.local.operations.doctor:doctor",
}


@click.group(cls=LazyGroup, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ruta")
def ruta() -> None:
    """Ruta: de la atención a la respuesta, sin derivaciones en silencio.

    From assessment to answer, with no referral falling silent.
    """


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 not done, 2 wrong use (also a port or a folder in use)."""
    try:
        code = ruta.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        errors.print(either("Interrumpido.", "Interrupted."))
        sys.exit(130)
    except StackError as error:
        errors.print(str(error), markup=False)
        sys.exit(2 if isinstance(error, PortInUse | FolderInUse) else 1)
    except AppError as error:
        tell(error)
        sys.exit(1)


def tell(error: AppError) -> None:
    """Say what is wrong, and with which field."""
    errors.print(error.message % error.params if error.params else error.message, markup=False)
    for field, problems in error.fields.items():
        for one in problems:
            errors.print(
                f"  {field}: {one.message % one.params if one.params else one.message}", markup=False
            )


if __name__ == "__main__":
    main()
