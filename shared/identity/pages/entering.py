"""What the steps of signing in share: limits on failures, what comes next, and opening the session at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import redirect, request
from sqlalchemy import Connection, RowMapping
from werkzeug.wrappers import Response

from shared.errors import AppError, Unauthorized
from shared.identity import store
from shared.identity.operations import signing_in
from shared.identity.operations.signing_in import Attempt
from shared.identity.pages import cookies
from shared.identity.settings import Settings
from shared.ids import new_id
from shared.web.app import engine, resource
from shared.web.forms import Form
from shared.web.layout import home_path, local_path

STEP_PAGES = {
    "code": "/account/sign-in/code",
    "enrol": "/account/sign-in/enrol",
    "password": "/account/sign-in/password",
}


def guarded(attempt: Attempt, form: Form, check: Callable[[Connection], Any], *, now: datetime) -> Any | None:
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


def go_on(account: RowMapping, *, passed: str, now: datetime) -> Response:
    """To the next step after `passed` (`password` or `code`), or in. Only a passed code leads past its step."""
    step = signing_in.next_step(account, passed=passed, codes_required=settings().needs_second_factor)
    if step == "done":
        return enter(account, now=now)
    use = cookies.CHOOSING_USE if step == "password" else cookies.PENDING_USE
    who = replace(signing_in.actor_of(account), token_id=new_id(), use=use)
    target = next_path()
    page = STEP_PAGES[step] if target == "/" else f"{STEP_PAGES[step]}?next={quote(target, safe='/')}"
    return cookies.keep_pending(redirect(page, 303), who, secret_key=settings().secret_key, now=now)


def enter(account: RowMapping, *, now: datetime, target: str | None = None) -> Response:
    """Open the session and go to `target`, else to where one was going, else to where the role begins."""
    with engine().begin() as conn:
        token = signing_in.open_session(
            conn, account, attempt=attempt_of(account["username"]), secret_key=settings().secret_key, now=now
        )
    path = target or next_path()
    return cookies.keep_session(redirect(home_path(account["role"]) if path == "/" else path, 303), token)


def waiting_account(use: str, *, now: datetime) -> RowMapping:
    """The account that passed the step before this one. Raises Unauthorized."""
    who = cookies.pending(use, secret_key=settings().secret_key, now=now)
    with engine().connect() as conn:
        account = store.get_account(conn, who.account_id)
    if account["disabled_at"] is not None:
        raise Unauthorized("Inicie sesión para continuar.")
    return account


def attempt_of(username: str) -> Attempt:
    """Who is at the door, by the name they gave."""
    return Attempt(username=username, address=request.remote_addr or "")


def next_path() -> str:
    """Where one was going before signing in."""
    return local_path(request.values.get("next"))


def settings() -> Settings:
    """The settings of this process."""
    made: Settings = resource("settings")
    return made
