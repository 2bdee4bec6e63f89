"""The web process of the notifications service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from services.notifications.api import BLUEPRINTS
from services.notifications.api.context import SeldomBell
from services.notifications.api.figures import gauges
from services.notifications.domain import templates
from services.notifications.operations.reporting import make_reports
from services.notifications.pages import PAGES
from services.notifications.settings import Settings
from services.notifications.store import reading
from services.notifications.store.sealing import Seals
from shared.bus import Doorbell, Outlet
from shared.clock import utc_now
from shared.database import make_engine
from shared.web import ServiceWeb, create_service_app
from shared.web.standing import bus_checks, bus_gauges, outlet_check, outlet_gauges

HERE = Path(__file__).parent
SERVICE = "notifications"


def create_app(settings: Settings) -> Flask:
    """The Flask app. Raises ValueError for keys that are none and for a sandbox in production, TemplateError for a
    text that is not safe."""
    settings.check()
    templates.packaged()
    engine = make_engine(settings.database_url, application="ruta notifications web")
    doorbell = Doorbell(settings.broker_url)
    return create_service_app(
        ServiceWeb(
            name=SERVICE,
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=BLUEPRINTS,
            page_blueprints=PAGES,
            checks=(*bus_checks(engine, SERVICE, settings.broker_url), outlet_check(overdue(engine))),
            gauges=(
                *bus_gauges(engine, SERVICE),
                *outlet_gauges(overdue(engine), SERVICE),
                *gauges(engine, settings.sms_channel),
            ),
            templates=HERE / "pages" / "templates",
            translations=HERE / "translations",
            title="Ruta: notifications",
            description="Messages that tell people safely, their answers, and the calls that people have to make.",
            environment=settings.environment,
            public_url=settings.public_url,
            resources={
                "settings": settings,
                "seals": Seals.from_setting(settings.encryption_key),
                "doorbell": doorbell,
                "reports": make_reports(engine, utc_now),
                "settle_bell": SeldomBell(doorbell, f"{SERVICE}.settle"),
            },
        )
    )


def overdue(engine: Engine) -> Callable[[], Outlet]:
    """Reads how many messages could be handed to the gateway now."""

    def read() -> Outlet:
        with engine.connect() as conn:
            return Outlet(*reading.overdue(conn, utc_now()))

    return read
