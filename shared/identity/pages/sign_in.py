"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from sqlalchemy import Connection, RowMapping
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import AppError
from shared.identity import operations, passwords, schemas, store
from shared.identity.operations import signing_in
from shared.identity.operations.signing_in import Attempt
from shared.identity.pages import cookies
from shared.identity.settings import Settings
from shared.ids import new_id
from shared.web.access import allow, current_actor, optional_actor, public
from shared.web.app import engine, resource
from shared.web.catalog import translate
from shared.web.forms import Form, read_form
from shared.web.layout import home_path, local_path

pages = Blueprint("sign_in", __name__)
View = str | Response | tuple[str, int]


@pages.get("/sign-in")
@public
def show_sign_in() -> View:
    """The sign-in form; somebody signed in already goes on."""
    actor = optional_actor()
    target = local_path(request.args.get("next"))
    if actor is not None:
        return redirect(home_path(actor.role) if target == "/" else target, 303)
    return _form(Form())


@pages.post("/sign-in")
@public
def sign_in() -> View:
    """Check name and password, then go on to the code or straight in."""
    now = utc_now()
    form = read_form(schemas.SignInSchema())
    if form.errors:
        return _form(form), 422
    attempt = _attempt(form.data["username"])
    account = _guarded(
        attempt, form, lambda conn: signing_in.check_password(conn, attempt, form.data["password"]), now=now
    )
    if account is None:
        return _form(form), 422
    step = signing_in.next_step(account, codes_required=_settings().needs_second_factor)
    if step == "done":
        return _enter(account, attempt, now=now)
    who = replace(signing_in.actor_of(account), token_id=new_id(), use=cookies.PENDING_USE)
    page = "/account/sign-in/code" if step == "code" else "/account/sign-in/enrol"
    response = redirect(_with_next(page), 303)
    return cookies.keep_pending(response, who, secret_key=_settings().secret_key, now=now)


@pages.get("/sign-in/code")
@public
def show_code() -> View:
    """Ask for the authenticator's code."""
    _pending_account(utc_now())
    return render_template("account/code.html", form=Form(), next=_next())


@pages.post("/sign-in/code")
@public
def check_code() -> View:
    """Use up a code and open the session."""
    now = utc_now()
    account = _pending_account(now)
    form = read_form(schemas.CodeSchema())
    if not form.errors and _code_holds(account, form, signing_in.check_code, now=now):
        return _enter(account, _attempt(account["username"]), now=now)
    return render_template("account/code.html", form=form, next=_next()), 422


@pages.get("/sign-in/enrol")
@public
def show_enrolment() -> View:
    """Set the authenticator up before the first session of a role that needs one."""
    return _enrolment(_pending_account(utc_now()), Form())


@pages.post("/sign-in/enrol")
@public
def enrol() -> View:
    """Confirm the authenticator with a first code and open the session."""
    now = utc_now()
    account = _pending_account(now)
    form = read_form(schemas.CodeSchema())
    if not form.errors and _code_holds(account, form, signing_in.confirm_enrolment, now=now):
        return _enter(account, _attempt(account["username"]), now=now)
    return _enrolment(account, form), 422


@pages.post("/sign-out")
@allow("focal_point", "provider", "coordinator", "admin")
def sign_out() -> View:
    """End this session everywhere."""
    with engine().begin() as conn:
        operations.end_session(conn, current_actor(), now=utc_now())
    return cookies.drop_session(redirect("/account/sign-in", 303))


def _guarded(
    attempt: Attempt, form: Form, check: Callable[[Connection], Any], *, now: datetime
) -> Any | None:
    """`check` within the limits on failures. None, with the reason on the form, when it does not hold."""
    try:
        with engine().begin() as conn:
            signing_in.refuse_if_too_many(conn, attempt, now=now)
            return check(conn)
    except signing_in.WrongCredentials as error:
        form.refuse(error)
        with engine().begin() as conn:
            signing_in.count_failure(conn, attempt, now=now)
    except AppError as error:
        form.refuse(error)
    return None


def _code_holds(account: RowMapping, form: Form, check: Callable[..., None], *, now: datetime) -> bool:
    def checked(conn: Connection) -> bool:
        check(conn, account, form.data["code"], secret_key=_settings().secret_key, now=now)
        return True

    return bool(_guarded(_attempt(account["username"]), form, checked, now=now))


def _enter(account: RowMapping, attempt: Attempt, *, now: datetime) -> Response:
    with engine().begin() as conn:
        token = signing_in.open_session(
            conn, account, attempt=attempt, secret_key=_settings().secret_key, now=now
        )
    target = _next()
    if account["must_change_password"]:
        target = "/account/password"
    return cookies.keep_session(redirect(home_path(account["role"]) if target == "/" else target, 303), token)


def _pending_account(now: datetime) -> RowMapping:
    who = cookies.pending(secret_key=_settings().secret_key, now=now)
    with engine().connect() as conn:
        return store.get_account(conn, who.account_id)


def _enrolment(account: RowMapping, form: Form) -> str:
    with engine().begin() as conn:
        secret = signing_in.begin_enrolment(conn, account, secret_key=_settings().secret_key)
    address = passwords.totp_address(secret, account["username"])
    return render_template("account/enrol.html", form=form, secret=secret, address=address, next=_next())


def _form(form: Form) -> str:
    form.sent.pop("password", None)
    return render_template("account/sign_in.html", form=form, next=_next(), title=translate("Iniciar sesión"))


def _attempt(username: str) -> Attempt:
    return Attempt(username=username, address=request.remote_addr or "")


def _next() -> str:
    return local_path(request.values.get("next"))


def _with_next(path: str) -> str:
    target = _next()
    return path if target == "/" else f"{path}?next={target}"


def _settings() -> Settings:
    settings: Settings = resource("settings")
    return settings
