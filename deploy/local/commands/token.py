"""`ruta token …`: credentials for programs that call the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import Connection

from deploy.local.environment import settings_for
from deploy.local.options import data_option
from deploy.local.terminal import say
from shared.clock import utc_now
from shared.database import make_engine
from shared.errors import FieldError, Invalid
from shared.identity import store
from shared.identity.operations.api_tokens import NewToken, create_api_token, revoke_api_token

ROLES = ("focal_point", "provider", "coordinator", "admin")


@click.group()
def token() -> None:
    """Credenciales para programas. / Credentials for programs."""


@contextmanager
def _identity(data: Path) -> Iterator[tuple[Connection, str]]:
    """One transaction on the accounts, and the key that signs."""
    with settings_for(data) as settings:
        engine = make_engine(settings["IDENTITY_DATABASE_URL"], pool_size=1, application="ruta token")
        try:
            with engine.begin() as conn:
                yield conn, settings["SECRET_KEY"]
        finally:
            engine.dispose()


@token.command("create")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Lo que podrá hacer. / What it may do.")
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
    with _identity(data) as (conn, secret_key):
        new = NewToken(name, role, _organization(conn, organization), timedelta(days=days))
        click.echo(create_api_token(conn, new, secret_key=secret_key, now=utc_now()))


@token.command("revoke")
@click.argument("token_id", type=click.UUID)
@data_option
def revoke(token_id: object, data: Path) -> None:
    """Retira una credencial por su identificador. / Retire a credential by its id."""
    with _identity(data) as (conn, _):
        revoke_api_token(conn, str(token_id), now=utc_now())
    say("La credencial quedó retirada.", "The credential was retired.")


def _organization(conn: Connection, name_or_id: str | None) -> str | None:
    if name_or_id is None:
        return None
    known = {str(row["id"]) for row in store.organizations(conn)}
    found = name_or_id if name_or_id in known else store.find_organization(conn, name_or_id)
    if found is None:
        error = FieldError("organization_not_found", "No hay una organización con ese nombre.")
        raise Invalid("No hay una organización con ese nombre.", fields={"organization": [error]})
    return found
