"""Who may call what. Every view names it with `@allow(...)` or `@public`; one that names nothing is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Request, current_app, g, request

from shared.clock import utc_now
from shared.errors import Forbidden, Unauthorized
from shared.web.actor import ROLES, Actor, verify

View = TypeVar("View", bound=Callable[..., Any])

SESSION_COOKIE = "ruta_session"
SESSION_USES = frozenset({"session"})
BEARER_USES = frozenset({"api", "service"})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Access:
    """`roles` that may call a view; None means anybody, signed in or not. `in_person`: only somebody who signed in."""

    roles: frozenset[str] | None
    in_person: bool = False


def allow(*roles: str, in_person: bool = False) -> Callable[[View], View]:
    """Let people and programs with one of `roles` call the view, nobody else. With `in_person` no program either: its
    token belongs to no account, so nobody could say that two of them are two persons."""
    unknown = set(roles) - ROLES
    if unknown or not roles:
        raise ValueError(f"unknown roles: {sorted(unknown)}" if unknown else "name at least one role")

    def decorate(view: View) -> View:
        _mark(view, Access(frozenset(roles), in_person))
        ways: list[dict[str, list[str]]] = (
            [{"session": []}] if in_person else [{"bearer": []}, {"session": []}]
        )
        _document(view, security=ways, **{"x-roles": sorted(roles)})
        return view

    return decorate


def public(view: View) -> View:
    """Let anybody call the view. For health, sign-in, documentation and webhooks that check a signature themselves."""
    _mark(view, Access(None))
    _document(view, security=[], **{"x-roles": []})
    return view


def _mark(view: Any, access: Access) -> None:
    view.__access__ = access


def _document(view: Any, **entries: Any) -> None:
    """Say in the OpenAPI document who may call; flask-smorest reads `_apidoc["manual_doc"]`."""
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    apidoc.setdefault("manual_doc", {}).update(entries)
    view._apidoc = apidoc


def access_of(app: Flask, endpoint: str, method: str) -> Access | None:
    """What the view behind `endpoint` and `method` was marked with, or None."""
    view: Any = app.view_functions.get(endpoint)
    resource = getattr(view, "view_class", None)
    if resource is not None:
        handler = getattr(resource, method.lower(), None)
        if handler is None and method == "HEAD":
            handler = getattr(resource, "get", None)
        return getattr(handler, "__access__", None) or getattr(resource, "__access__", None)
    return getattr(view, "__access__", None)


def unnamed_routes(app: Flask) -> list[str]:
    """Every `METHOD path` of `app` that does not say who may call it. The architecture test wants none."""
    return sorted(f"{method} {rule}" for rule, _endpoint, method, access in routes(app) if access is None)


def routes(app: Flask) -> Iterator[tuple[str, str, str, Access | None]]:
    """(path, endpoint, method, access) of every route of `app`."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & set(METHODS)):
            if method != "HEAD":
                yield rule.rule, rule.endpoint, method, access_of(app, rule.endpoint, method)


def current_actor() -> Actor:
    """Who calls. Raises Unauthorized on a public route where nobody is signed in."""
    actor = optional_actor()
    if actor is None:
        raise Unauthorized("Inicie sesión para continuar.")
    return actor


def optional_actor() -> Actor | None:
    """Who calls, or None when nobody is signed in."""
    return g.get("actor")


def guard() -> None:
    """Before each request: find out who calls and refuse whoever may not. Sets `g.actor`."""
    g.actor = None
    if request.url_rule is None or request.method == "OPTIONS":
        return
    access = access_of(current_app, request.url_rule.endpoint, request.method)
    if access is None:
        raise Forbidden("Esta dirección no dice quién puede usarla.", code="route_without_roles")
    g.actor = _identify(request, required=access.roles is not None)
    if access.roles is not None and g.actor.role not in access.roles:
        raise Forbidden("Su cuenta no tiene permiso para esto.", code="role_not_allowed")
    if access.in_person and g.actor.use != "session":
        raise Forbidden(
            "Por esto responde una persona: entre con su cuenta y hágalo en la página. "
            "La credencial de un programa no basta.",
            code="person_needed",
        )


def _identify(incoming: Request, *, required: bool) -> Actor | None:
    """A Bearer token wins over a cookie. A bad credential on a public route counts as none."""
    try:
        actor = _authenticate(incoming)
    except Unauthorized:
        if required:
            raise
        return None
    if actor is None and required:
        raise Unauthorized("Inicie sesión para continuar.")
    return actor


def _authenticate(incoming: Request) -> Actor | None:
    header = incoming.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized("Use una credencial de tipo Bearer.", code="token_invalid")
        return _verified(token.strip(), BEARER_USES)
    cookie = incoming.cookies.get(SESSION_COOKIE, "")
    return _verified(cookie, SESSION_USES) if cookie else None


def _verified(token: str, uses: frozenset[str]) -> Actor:
    actor = verify(token, secret_key=current_app.config["SECRET_KEY"], uses=uses, now=utc_now())
    is_revoked = current_app.extensions["ruta"].is_revoked
    if is_revoked is not None and is_revoked(actor):
        raise Unauthorized("La credencial fue retirada.", code="token_revoked")
    return actor
