"""Signing in at an OpenID Connect provider."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.errors import NotFound
from shared.identity.clients.oidc import Begun, OidcProvider, refused
from shared.identity.operations.elsewhere import account_from_claims
from shared.identity.pages import entering
from shared.web.access import public
from shared.web.actor import derived_key
from shared.web.app import engine, resource
from shared.web.headers import is_https
from shared.web.layout import local_path

pages = Blueprint("elsewhere", __name__, url_prefix="/oidc")
COOKIE = "ruta_oidc"
TEN_MINUTES = 600


@pages.get("/start")
@public
def start() -> Response:
    """Off to the provider."""
    begun = _provider().begin(_return_to(), now=utc_now())
    response = redirect(begun.address, 303)
    kept = [begun.state, begun.nonce, begun.verifier, local_path(request.args.get("next"))]
    response.set_cookie(
        COOKIE,
        _serializer().dumps(kept),
        max_age=TEN_MINUTES,
        path="/account/oidc",
        httponly=True,
        secure=is_https(),
        samesite="Lax",
    )
    return response


@pages.get("/return")
@public
def come_back() -> Response:
    """Back from the provider, with a code for the one who left."""
    now, provider = utc_now(), _provider()
    try:
        state, nonce, verifier, target = _serializer().loads(
            request.cookies.get(COOKIE, ""), max_age=TEN_MINUTES
        )
    except (BadSignature, ValueError) as error:
        raise refused() from error
    sent, code = request.args.get("state", ""), request.args.get("code", "")
    if not code or not secrets.compare_digest(sent.encode(), str(state).encode()):
        raise refused()
    claims = provider.finish(code, Begun("", state, nonce, verifier), _return_to(), now=now)
    with engine().begin() as conn:
        account = account_from_claims(conn, claims, now=now)
    response = entering.enter(account, now=now, target=target)
    response.delete_cookie(COOKIE, path="/account/oidc")
    return response


def _return_to() -> str:
    return f"{entering.settings().public_url.rstrip('/')}/account/oidc/return"


def _provider() -> OidcProvider:
    provider: OidcProvider | None = resource("oidc")
    if provider is None:
        raise NotFound("No encontramos lo que busca.")
    return provider


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derived_key(current_app.config["SECRET_KEY"], "oidc"))
