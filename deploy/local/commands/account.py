"""`ruta account …`, `ruta organization …`: the first people of an installation; the rest are made on the pages."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from deploy.local.options import data_option
from deploy.local.people import organization_of, people
from shared.clock import utc_now
from shared.errors import NotFound
from shared.identity import store
from shared.identity.operations import NewAccount, create_account, create_organization, set_password
from shared.identity.operations.accounts import PEOPLE
from shared.ids import new_id


@click.group()
def account() -> None:
    """Cuentas de personas. / People's accounts."""


@click.group()
def organization() -> None:
    """Organizaciones a las que pertenecen. / The organizations they belong to."""


@account.command("create")
@click.option("--username", required=True, help="Nombre de usuario. / User name.")
@click.option("--name", required=True, help="Nombre de la persona. / The person's name.")
@click.option("--role", required=True, type=click.Choice(PEOPLE), help="Rol. / Role.")
@click.option("--organization", "home", help="Nombre o identificador de su organización. / Name or id.")
@click.option(
    "--locale", default="es", show_default=True, type=click.Choice(["es", "en"]), help="Idioma. / Language."
)
@data_option
def create(data: Path, home: str | None, **chosen: Any) -> None:
    """Crea una cuenta y muestra su primera contraseña. / Make an account and show its first password."""
    password = first_password()
    with people(data) as (conn, _):
        new = NewAccount(
            id=new_id(), password=password, organization_id=organization_of(conn, home), **chosen
        )
        create_account(conn, new, now=utc_now())
    click.echo(password)


@account.command("password")
@click.argument("username")
@data_option
def password(username: str, data: Path) -> None:
    """Pone una primera contraseña nueva y la muestra. / Set a new first password and show it."""
    chosen = first_password()
    with people(data) as (conn, _):
        found = store.find_account(conn, username)
        if found is None:
            raise NotFound("No existe esa cuenta.")
        set_password(conn, str(found["id"]), chosen=chosen, now=utc_now())
    click.echo(chosen)


@organization.command("create")
@click.argument("name")
@data_option
def create_one(name: str, data: Path) -> None:
    """Crea una organización y muestra su identificador. / Make an organization and show its id."""
    made = new_id()
    with people(data) as (conn, _):
        create_organization(conn, id=made, name=name, now=utc_now())
    click.echo(made)


def first_password() -> str:
    """A password that its owner has to change at the first sign-in."""
    return secrets.token_hex(8)
