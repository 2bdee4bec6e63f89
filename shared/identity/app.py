"""The web process of accounts: `/account/…` and the front door `/`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import Flask, redirect
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from shared.clock import utc_now
from shared.database import make_engine
from shared.identity import store
from shared.identity.api import revocations
from shared.identity.clients.oidc import OidcProvider
from shared.identity.pages import PAGES
from shared.identity.settings import Settings
from shared.web.access import optional_actor, public
from shared.web.app import ServiceWeb, create_service_app
from shared.web.layout import home_path
from shared.web.revoked import Revoked

HERE = Path(__file__).parent


def create_app(settings: Settings) -> Flask:
    """Wire it up."""
    engine = make_engine(settings.database_url, application="ruta account")
    provider = None
    if settings.oidc_issuer:
        provider = OidcProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    app = create_service_app(
        ServiceWeb(
            name="account",
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=(revocations,),
            page_blueprints=PAGES,
            templates=HERE / "pages" / "templates",
            title="Ruta: accounts",
            description="Who may do what. People sign in at /account/sign-in; programs send a Bearer token.",
            environment=settings.environment,
            public_url=settings.public_url,
            trusted_proxies=settings.trusted_proxies,
            resources={"settings": settings, "oidc": provider},
            is_revoked=Revoked(lambda: read_revocations(engine)).covers,
        )
    )
    app.add_url_rule("/", "front_door", public(front_door))
    return app


def front_door() -> Response:
    """To where the role of whoever comes begins, or to sign-in."""
    actor = optional_actor()
    return redirect(home_path(actor.role if actor is not None else None), 303)


def read_revocations(engine: Engine) -> dict[str, datetime]:
    """Token or account id -> when its tokens were retired."""
    with engine.connect() as conn:
        return {row["subject"]: row["revoked_at"] for row in store.revocations(conn, now=utc_now())}
