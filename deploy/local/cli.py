"""The command `ruta`. Each subcommand lives in a module of its own and is imported only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from deploy.local.embedded.errors import FolderInUse, PortInUse, StackError
from deploy.local.terminal import either, errors
from shared.errors import AppError

COMMANDS = {
    "up": "deploy.local.commands.up:up",
    "demo": "deploy.local.commands.demo:demo",
    "seed": "deploy.local.commands.seed:seed",
    "import": "deploy.local.commands.imports:imports",
    "rules": "deploy.local.rules:rules",
    "token": "deploy.local.commands.token:token",
    "events": "deploy.local.commands.events:events",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ruta")
def ruta() -> None:
    """Ruta: de la atención a la respuesta, sin derivaciones en silencio.

    From assessment to answer, with no referral falling silent.
    """


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 not done, 2 wrong use (also a port or a folder in use)."""
    try:
        ruta.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
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
        errors.print(error.message % error.params if error.params else error.message, markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
