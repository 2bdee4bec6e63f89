"""The two cookies of signing in: the session, and the five minutes between password and code."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from werkzeug.wrappers import Response

from shared.errors import Unauthorized
from shared.web.access import SESSION_COOKIE
from shared.web.actor import Actor, sign, verify
from shared.web.headers import is_https

PENDING_COOKIE = "ruta_pending"
PENDING_USE = "pending"
CHOOSING_USE = "choosing"
PENDING_LIFETIME = timedelta(minutes=5)


def keep_session(response: Response, token: str) -> Response:
    """Give the browser its session: gone when the browser closes, since phones are shared; void after twelve hours."""
    _keep(response, SESSION_COOKIE, token, None)
    response.delete_cookie(PENDING_COOKIE, path="/account")
    return response


def drop_session(response: Response) -> Response:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=is_https(), httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def keep_pending(response: Response, who: Actor, *, secret_key: str, now: datetime) -> Response:
    """Remember what was passed already, for the page of the next step; `who.use` says which step that is."""
    token = sign(who, secret_key=secret_key, now=now, lifetime=PENDING_LIFETIME)
    _keep(response, PENDING_COOKIE, token, PENDING_LIFETIME, path="/account")
    return response


def pending(use: str, *, secret_key: str, now: datetime) -> Actor:
    """Who may take the step `use` now. Raises Unauthorized."""
    token = request.cookies.get(PENDING_COOKIE, "")
    if not token:
        raise Unauthorized("Inicie sesión para continuar.")
    return verify(token, secret_key=secret_key, uses=frozenset({use}), now=now)


def _keep(response: Response, name: str, value: str, lifetime: timedelta | None, *, path: str = "/") -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()) if lifetime is not None else None,
        path=path,
        httponly=True,
        secure=is_https(),
        samesite="Lax",
    )
