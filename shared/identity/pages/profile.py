"""One's own account: language, password, verification in two steps."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import AppError
from shared.identity import operations, passwords, schemas, store
from shared.identity.operations import signing_in
from shared.identity.pages import cookies
from shared.identity.settings import Settings
from shared.web.access import allow, current_actor
from shared.web.app import engine, resource
from shared.web.catalog import LANGUAGE_COOKIE, translate
from shared.web.forms import Form, read_form

pages = Blueprint("profile", __name__)
PEOPLE = ("focal_point", "provider", "coordinator", "admin")
View = str | Response | tuple[str, int]


@pages.get("")
@allow(*PEOPLE)
def show() -> View:
    """Who I am here, and what I can change."""
    with engine().connect() as conn:
        account = store.get_account(conn, current_actor().account_id)
        organization = {row["id"]: row["name"] for row in store.organizations(conn)}.get(
            account["organization_id"]
        )
    return render_template("account/profile.html", account=account, organization=organization)


@pages.post("/language")
@allow(*PEOPLE)
def choose_language() -> View:
    """Keep the language with the account."""
    form = read_form(schemas.ProfileSchema())
    if form.errors:
        return redirect("/account", 303)
    with engine().begin() as conn:
        store.change_account(conn, current_actor().account_id, locale=form.data["locale"])
    response = redirect("/account", 303)
    response.set_cookie(LANGUAGE_COOKIE, form.data["locale"], httponly=True, samesite="Lax", path="/")
    return response


@pages.get("/password")
@allow(*PEOPLE)
def show_password() -> View:
    """The form for another password."""
    return render_template("account/password.html", form=Form(), account=_account())


@pages.post("/password")
@allow(*PEOPLE)
def change_password() -> View:
    """Set it; every session ends and one signs in anew."""
    form = read_form(schemas.PasswordSchema())
    account = _account()
    if not form.errors:
        try:
            with engine().begin() as conn:
                chosen, current = form.data["chosen"], form.data["current"]
                operations.change_password(conn, account, current=current, chosen=chosen, now=utc_now())
        except AppError as error:
            form.refuse(error)
    if form.errors:
        return render_template("account/password.html", form=form, account=account), 422
    flash(translate("Contraseña cambiada. Inicie sesión con la nueva."), "success")
    return cookies.drop_session(redirect("/account/sign-in", 303))


@pages.get("/two-steps")
@allow(*PEOPLE)
def show_two_steps() -> View:
    """Set the authenticator up."""
    return _two_steps(Form())


@pages.post("/two-steps")
@allow(*PEOPLE)
def confirm_two_steps() -> View:
    """Put it in force with a first code."""
    form = read_form(schemas.CodeSchema())
    if not form.errors:
        try:
            with engine().begin() as conn:
                signing_in.confirm_enrolment(
                    conn, _account(), form.data["code"], secret_key=_settings().secret_key, now=utc_now()
                )
        except AppError as error:
            form.refuse(error)
    if form.errors:
        return _two_steps(form), 422
    flash(translate("La verificación en dos pasos está activa."), "success")
    return redirect("/account", 303)


def _two_steps(form: Form) -> str:
    account = _account()
    with engine().begin() as conn:
        secret = signing_in.begin_enrolment(conn, account, secret_key=_settings().secret_key)
    address = passwords.totp_address(secret, account["username"])
    return render_template("account/two_steps.html", form=form, secret=secret, address=address)


def _account() -> RowMapping:
    with engine().connect() as conn:
        return store.get_account(conn, current_actor().account_id)


def _settings() -> Settings:
    settings: Settings = resource("settings")
    return settings
