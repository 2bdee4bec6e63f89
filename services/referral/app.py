"""The web process of the referral service."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from services.referral.api import BLUEPRINTS
from services.referral.clients.intake import Intake
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from services.referral.settings import Settings
from shared.bus import Doorbell
from shared.database import make_engine
from shared.web import ServiceWeb, create_service_app

HERE = Path(__file__).parent


def create_app(settings: Settings) -> Flask:
    """The Flask app. Raises ValueError for a secret key that is too short."""
    engine = make_engine(settings.database_url, application="ruta referral web")
    return create_service_app(
        ServiceWeb(
            name="referral",
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=BLUEPRINTS,
            page_blueprints=(),
            templates=HERE / "templates",
            translations=HERE / "translations",
            title="Ruta: referral",
            description="Who helps with which need, what became of it, and whose turn it is.",
            environment=settings.environment,
            resources={
                "router": Router(Catalogue()),
                "doorbell": Doorbell(settings.broker_url),
                "intake": Intake(url=settings.intake_url, secret_key=settings.secret_key),
            },
        )
    )
