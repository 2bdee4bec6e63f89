"""What administrators do: accounts, organizations, programs' credentials. They see no case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import AppError
from shared.identity import operations, schemas, store
from shared.identity.operations import NewAccount, NewToken, signing_in
from shared.identity.settings import Settings
from shared.ids import new_id
from shared.web.access import allow
from shared.web.app import engine, resource
from shared.web.catalog import translate
from shared.web.forms import Form, read_form
from shared.web.paging import decode_cursor, page

pages = Blueprint("admin", __name__)
PAGE = 50
View = str | Response | tuple[str, int]


@pages.get("/accounts")
@allow("admin")
def list_accounts() -> View:
    """Every account by user name."""
    after = decode_cursor(request.args.get("after"), size=1)
    with engine().connect() as conn:
        rows = store.accounts(conn, after=after, limit=PAGE)
    listed = page(rows, limit=PAGE, key=lambda row: (row["username"],))
    return render_template("account/accounts.html", accounts=listed["items"], next=listed["next"])


@pages.get("/accounts/new")
@allow("admin")
def new_account() -> View:
    """The form for an account."""
    return _account_form(Form())


@pages.post("/accounts/new")
@allow("admin")
def create_account() -> View:
    """Make it; its owner must choose another password at the first sign-in."""
    form = read_form(schemas.NewAccountSchema())
    if _tried(form, lambda conn: operations.create_account(conn, _new_account(form), now=utc_now())):
        flash(translate("Cuenta creada: %(name)s.", {"name": form.data["username"]}), "success")
        return redirect("/account/accounts", 303)
    return _account_form(form), 422


def _new_account(form: Form) -> NewAccount:
    organization_id = form.data.pop("organization_id")
    return NewAccount(id=new_id(), organization_id=str(organization_id or "") or None, **form.data)


@pages.post("/accounts/<uuid:account_id>/disable")
@allow("admin")
def disable_account(account_id: str) -> View:
    """Close it and end its sessions."""
    with engine().begin() as conn:
        operations.disable_account(conn, account_id, now=utc_now())
    flash(translate("Cuenta cerrada. Sus sesiones terminaron."), "success")
    return redirect("/account/accounts", 303)


@pages.post("/accounts/<uuid:account_id>/enable")
@allow("admin")
def enable_account(account_id: str) -> View:
    """Open it again."""
    with engine().begin() as conn:
        operations.enable_account(conn, account_id)
    flash(translate("Cuenta abierta otra vez."), "success")
    return redirect("/account/accounts", 303)


@pages.get("/accounts/<uuid:account_id>/reset")
@allow("admin")
def show_reset(account_id: str) -> View:
    """The form for a new password of somebody who lost theirs."""
    return _reset_form(account_id, Form())


@pages.post("/accounts/<uuid:account_id>/reset")
@allow("admin")
def reset(account_id: str) -> View:
    """Set a first password and forget the authenticator."""

    def change(conn: Connection) -> None:
        operations.set_password(conn, account_id, chosen=form.data["password"], now=utc_now())
        signing_in.remove_code(conn, account_id)

    form = read_form(schemas.ResetSchema())
    if _tried(form, change):
        flash(translate("Contraseña nueva puesta. La persona elegirá otra al entrar."), "success")
        return redirect("/account/accounts", 303)
    return _reset_form(account_id, form), 422


@pages.get("/organizations")
@allow("admin")
def list_organizations() -> View:
    """Every organization and how many accounts it has."""
    return _organizations(Form())


@pages.post("/organizations")
@allow("admin")
def create_organization() -> View:
    """Make one."""

    def create(conn: Connection) -> None:
        operations.create_organization(conn, id=new_id(), name=form.data["name"], now=utc_now())

    form = read_form(schemas.NewOrganizationSchema())
    if _tried(form, create):
        flash(translate("Organización creada."), "success")
        return redirect("/account/organizations", 303)
    return _organizations(form), 422


@pages.get("/tokens")
@allow("admin")
def list_tokens() -> View:
    """Credentials of programs, without the credentials themselves."""
    return _tokens(Form())


@pages.post("/tokens")
@allow("admin")
def create_token() -> View:
    """Make one and show it this once."""
    made: list[str] = []

    def create(conn: Connection) -> None:
        organization_id = form.data["organization_id"]
        new = NewToken(
            form.data["name"], form.data["role"], str(organization_id) if organization_id else None
        )
        made.append(operations.create_api_token(conn, new, secret_key=_settings().secret_key, now=utc_now()))

    form = read_form(schemas.NewTokenSchema())
    done = _tried(form, create)
    return _tokens(form if not done else Form(), made=made[0] if done else None), 201 if done else 422


@pages.post("/tokens/<uuid:token_id>/revoke")
@allow("admin")
def revoke_token(token_id: str) -> View:
    """Refuse it from now on."""
    with engine().begin() as conn:
        operations.revoke_api_token(conn, token_id, now=utc_now())
    flash(translate("Credencial retirada."), "success")
    return redirect("/account/tokens", 303)


def _tried(form: Form, operation: Callable[[Connection], Any]) -> bool:
    """Run `operation` in a transaction; what it refuses goes onto the form."""
    if not form.errors:
        try:
            with engine().begin() as conn:
                operation(conn)
        except AppError as error:
            form.refuse(error)
    return not form.errors


def _account_form(form: Form) -> str:
    form.sent.pop("password", None)
    with engine().connect() as conn:
        organizations = store.organizations(conn)
    return render_template("account/new_account.html", form=form, organizations=organizations)


def _reset_form(account_id: str, form: Form) -> str:
    with engine().connect() as conn:
        account = store.get_account(conn, account_id)
    return render_template("account/reset.html", form=form, account=account)


def _organizations(form: Form) -> str:
    with engine().connect() as conn:
        organizations = store.organizations(conn)
    return render_template("account/organizations.html", form=form, organizations=organizations)


def _tokens(form: Form, made: str | None = None) -> str:
    with engine().connect() as conn:
        tokens, organizations = store.api_tokens(conn), store.organizations(conn)
    return render_template(
        "account/tokens.html", form=form, tokens=tokens, organizations=organizations, made=made, now=utc_now()
    )


def _settings() -> Settings:
    settings: Settings = resource("settings")
    return settings
