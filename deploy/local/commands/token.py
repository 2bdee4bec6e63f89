"""`ruta token …`: credentials for programs that call the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from deploy.local.options import data_option
from deploy.local.people import organization_of, people
from deploy.local.terminal import say
from shared.clock import utc_now
from shared.identity.operations import NewToken, create_api_token, revoke_api_token
from shared.identity.operations.accounts import PEOPLE


@click.group()
def token() -> None:
    """Credenciales para programas. / Credentials for programs."""


@token.command("create")
@click.option(
    "--role", required=True, type=click.Choice(PEOPLE), help="Lo que podrá hacer. / What it may do."
)
@click.option("--name", required=True, help="Cómo se llama el programa. / What the program is called.")
@click.option(
    "--organization", help="Nombre o identificador de su organización. / Its organization's name or id."
)
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="Vigencia. / Validity."
)
@data_option
def create(role: str, name: str, organization: str | None, days: int, data: Path) -> None:
    """Crea una credencial y la muestra esta única vez. / Make a credential and show it this once."""
    with people(data) as (conn, secret_key):
        new = NewToken(name, role, organization_of(conn, organization), timedelta(days=days))
        click.echo(create_api_token(conn, new, secret_key=secret_key, now=utc_now()))


@token.command("revoke")
@click.argument("token_id", type=click.UUID)
@data_option
def revoke(token_id: object, data: Path) -> None:
    """Retira una credencial por su identificador. / Retire a credential by its id."""
    with people(data) as (conn, _):
        revoke_api_token(conn, str(token_id), now=utc_now())
    say("La credencial quedó retirada.", "The credential was retired.")
