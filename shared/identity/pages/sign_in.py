"""Signing in with name and password, and signing out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import Forbidden
from shared.identity import operations, schemas
from shared.identity.operations import signing_in
from shared.identity.pages import cookies, entering
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
    """Check name and password, then go on to the next step or straight in."""
    now = utc_now()
    if resource("oidc") is not None:
        raise Forbidden("Aquí se entra con la cuenta de su organización.", code="passwords_off")
    form = read_form(schemas.SignInSchema())
    if form.errors:
        return _form(form), 422
    attempt = entering.attempt_of(form.data["username"])
    account = entering.guarded(
        attempt, form, lambda conn: signing_in.check_password(conn, attempt, form.data["password"]), now=now
    )
    if account is None:
        return _form(form), 422
    return entering.go_on(account, passed="password", now=now)


@pages.post("/sign-out")
@allow("focal_point", "provider", "coordinator", "admin")
def sign_out() -> View:
    """End this session everywhere."""
    with engine().begin() as conn:
        operations.end_session(conn, current_actor(), now=utc_now())
    return cookies.drop_session(redirect("/account/sign-in", 303))


def _form(form: Form) -> str:
    form.sent.pop("password", None)
    return render_template(
        "account/sign_in.html",
        form=form,
        next=entering.next_path(),
        title=translate("Iniciar sesión"),
        elsewhere=resource("oidc") is not None,
    )
