"""One way to make each service's web process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import flask
from flask import Flask, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.clock import HOME
from shared.web import access, api, assets_route, catalog, csrf, headers, layout, probes, problems
from shared.web.actor import Actor, derived_key
from shared.web.bodies import MAX_BODY
from shared.web.headers import is_https
from shared.web.probes import Check, Gauge
from shared.web.revoked import from_accounts


@dataclass(frozen=True)
class ServiceWeb:
    """What a service's web process is made of.

    `api_blueprints` come below `/<name>/api/v1`, `page_blueprints` below `/<name>`. `resources` is whatever the
    views need (settings, doorbell, clients), read back by `resource(name)`. `is_revoked` may refuse an actor
    whose token still holds; without it, the list of retired tokens comes from the accounts' web process at
    `accounts_url` (else `public_url`, else there is none). Behind `trusted_proxies` reverse proxies, their
    X-Forwarded headers are believed; cookies are marked secure when `public_url` or the request is https.
    """

    name: str
    secret_key: str = field(repr=False)
    engine: Engine
    api_blueprints: Sequence[api.ApiBlueprint] = ()
    page_blueprints: Sequence[flask.Blueprint] = ()
    checks: Sequence[Check] = ()
    gauges: Sequence[Gauge] = ()
    templates: Path | None = None
    translations: Path | None = None
    title: str = ""
    description: str = ""
    version: str = "1"
    environment: str = "production"
    timezone: str = HOME
    max_body: int = MAX_BODY
    public_url: str = ""
    accounts_url: str = ""
    trusted_proxies: int = 0
    resources: Mapping[str, Any] = field(default_factory=dict)
    is_revoked: Callable[[Actor], bool] | None = None


class NoticeCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, here only for notices from one page to the next."""

    def open_session(self, app: Flask, request: flask.Request) -> SecureCookieSession | None:
        """Without the cookie there is nothing to read, and most requests have none."""
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: flask.Response) -> None:
        """A request that neither read nor wrote a notice leaves nothing to say about it."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_https()


class ServiceFlask(Flask):
    """Flask for views that are plain functions, as all of ours are: nothing is asked about them at each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_service_app(web: ServiceWeb) -> Flask:
    """The Flask app of a service: guarded routes, one error shape, probes, languages, layout.

    Raises ValueError for a secret key shorter than 32 characters.
    """
    derived_key(web.secret_key, "start-up check")
    app = ServiceFlask(
        web.name,
        static_folder=None,
        template_folder=str(web.templates) if web.templates else None,
        root_path=".",
    )
    app.config.update(
        SECRET_KEY=web.secret_key,
        MAX_CONTENT_LENGTH=web.max_body,
        MAX_FORM_MEMORY_SIZE=web.max_body,
        BABEL_DEFAULT_TIMEZONE=web.timezone,
        SESSION_COOKIE_NAME="ruta_flash",
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = NoticeCookie()
    if web.trusted_proxies:
        hops = web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["ruta"] = _with_revocations(web)
    headers.install(app)
    probes.install(app, checks=(probes.database_check(web.engine), *web.checks), gauges=web.gauges)
    probes.traced(app)
    app.before_request(_declared_size)
    app.before_request(access.guard)
    app.before_request(csrf.check)
    app.after_request(csrf.keep_form_cookie)
    catalog.install(app, [web.translations] if web.translations else [])
    layout.install(app, environment=web.environment)
    assets_route.install(app)
    problems.install(app)
    _register(app, web)
    return app


def _with_revocations(web: ServiceWeb) -> ServiceWeb:
    url = web.accounts_url or web.public_url
    if web.is_revoked is not None or not url:
        return web
    return replace(web, is_revoked=from_accounts(url, web.name, secret_key=web.secret_key).covers)


def _register(app: Flask, web: ServiceWeb) -> None:
    made = api.install(
        app, title=web.title or f"Ruta: {web.name}", version=web.version, description=web.description
    )
    for blueprint in web.api_blueprints:
        api.register(app, made, blueprint)
    api.operation_ids(app, made)
    for page in web.page_blueprints:
        app.register_blueprint(page, url_prefix=f"/{app.name}{page.url_prefix or ''}")


def _declared_size() -> None:
    """Refuse a body that says it is too large before anything reads it."""
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        flask.abort(413)


def _web() -> ServiceWeb:
    made: ServiceWeb = current_app.extensions["ruta"]
    return made


def engine() -> Engine:
    """The engine of the service that answers this request."""
    return _web().engine


def resource(name: str) -> Any:
    """What the service put into `ServiceWeb.resources` under `name`."""
    return _web().resources[name]


def metrics_registry(app: Flask) -> CollectorRegistry:
    """Where a service registers counters of its own."""
    registry: CollectorRegistry = app.extensions["ruta-metrics"]
    return registry
