"""What may come between the password and the session: a code, setting one up, a password of one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, render_template
from sqlalchemy import Connection, RowMapping
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import AppError
from shared.identity import operations, passwords, schemas
from shared.identity.operations import signing_in
from shared.identity.pages import entering
from shared.identity.pages.cookies import CHOOSING_USE, PENDING_USE
from shared.web.access import public
from shared.web.app import engine
from shared.web.forms import Form, read_form

pages = Blueprint("steps", __name__, url_prefix="/sign-in")
View = str | Response | tuple[str, int]


@pages.get("/code")
@public
def show_code() -> View:
    """Ask for the authenticator's code."""
    entering.waiting_account(PENDING_USE, now=utc_now())
    return render_template("account/code.html", form=Form(), next=entering.next_path())


@pages.post("/code")
@public
def check_code() -> View:
    """Use up a code and go on."""
    now = utc_now()
    account = entering.waiting_account(PENDING_USE, now=now)
    form = read_form(schemas.CodeSchema())
    if _code_holds(account, form, signing_in.check_code, now=now):
        return entering.go_on(account, passed="code", now=now)
    return render_template("account/code.html", form=form, next=entering.next_path()), 422


@pages.get("/enrol")
@public
def show_enrolment() -> View:
    """Set the authenticator up before the first session of a role that needs one."""
    return _enrolment(entering.waiting_account(PENDING_USE, now=utc_now()), Form())


@pages.post("/enrol")
@public
def enrol() -> View:
    """Confirm the authenticator with a first code and go on."""
    now = utc_now()
    account = entering.waiting_account(PENDING_USE, now=now)
    form = read_form(schemas.CodeSchema())
    if _code_holds(account, form, signing_in.confirm_enrolment, now=now):
        return entering.go_on(account, passed="code", now=now)
    return _enrolment(account, form), 422


@pages.get("/password")
@public
def show_first_password() -> View:
    """Ask for a password that nobody else knows, in place of the one somebody else set."""
    entering.waiting_account(CHOOSING_USE, now=utc_now())
    return render_template("account/first_password.html", form=Form(), next=entering.next_path())


@pages.post("/password")
@public
def choose_first_password() -> View:
    """Set it and go in."""
    now = utc_now()
    account = entering.waiting_account(CHOOSING_USE, now=now)
    form = read_form(schemas.FirstPasswordSchema())
    if not form.errors:
        try:
            with engine().begin() as conn:
                operations.choose_password(conn, account, chosen=form.data["chosen"])
            return entering.enter(account, now=now)
        except AppError as error:
            form.refuse(error)
    return render_template("account/first_password.html", form=form, next=entering.next_path()), 422


def _code_holds(account: RowMapping, form: Form, check: Callable[..., None], *, now: datetime) -> bool:
    def checked(conn: Connection) -> bool:
        secret_key = entering.settings().secret_key
        check(conn, account, form.data["code"], secret_key=secret_key, now=now)
        return True

    if form.errors:
        return False
    return bool(entering.guarded(entering.attempt_of(account["username"]), form, checked, now=now))


def _enrolment(account: RowMapping, form: Form) -> str:
    with engine().begin() as conn:
        secret = signing_in.begin_enrolment(conn, account, secret_key=entering.settings().secret_key)
    address = passwords.totp_address(secret, account["username"])
    return render_template(
        "account/enrol.html", form=form, secret=secret, address=address, next=entering.next_path()
    )
