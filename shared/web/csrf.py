"""Forms that only our own pages can send.

A token is bound to the session (or, before sign-in, to a random cookie) and masked anew for each page, so that
compression reveals nothing. Bearer calls carry no cookie and need none.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Response, current_app, g, request
from markupsafe import Markup

from shared.errors import Forbidden
from shared.web.access import optional_actor
from shared.web.actor import derived_key
from shared.web.headers import is_https

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
FORM_COOKIE = "ruta_form"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
NONCE_LENGTH = 16


def csrf_token() -> str:
    """A token for the form being rendered."""
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}{_digest(nonce)}"


def csrf_field() -> Markup:
    """The hidden input every form of ours holds."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def check() -> None:
    """Before each request, after the guard: refuse an unsafe request that carries a cookie but no token of ours."""
    if request.method in SAFE or request.url_rule is None:
        return
    actor = optional_actor()
    by_bearer = actor is not None and actor.use != "session"
    to_api = f"/{current_app.name}/api/" in request.path and actor is None
    if by_bearer or to_api:
        return
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not (_same_origin() and _holds(sent)):
        raise Forbidden("El formulario venció. Vuelva a abrir la página y envíelo otra vez.", code="csrf")


def keep_form_cookie(response: Response) -> Response:
    """After a page with a form for somebody not signed in: set the cookie its token is bound to."""
    if "csrf_seed" in g and FORM_COOKIE not in request.cookies:
        response.set_cookie(
            FORM_COOKIE, g.csrf_seed, httponly=True, samesite="Lax", secure=is_https(), path="/"
        )
    return response


def _holds(sent: str) -> bool:
    nonce, digest = sent[:NONCE_LENGTH], sent[NONCE_LENGTH:]
    return bool(digest) and hmac.compare_digest(digest.encode(), _digest(nonce).encode())


def _same_origin() -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def _digest(nonce: str) -> str:
    key = derived_key(current_app.config["SECRET_KEY"], "csrf")
    return hmac.new(key, f"{nonce}:{_seed()}".encode(), hashlib.sha256).hexdigest()


def _seed() -> str:
    actor = optional_actor()
    if actor is not None:
        return actor.token_id
    if "csrf_seed" not in g:
        g.csrf_seed = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    return str(g.csrf_seed)
