"""The web process of the intake service."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from services.intake.api import BLUEPRINTS
from services.intake.operations.gathering import Gatherer
from services.intake.settings import Settings
from services.intake.store.sealing import Vault, parse_keys
from shared import bus
from shared.bus import Doorbell
from shared.clock import utc_now
from shared.database import make_engine
from shared.web import ServiceWeb, create_service_app

HERE = Path(__file__).parent


def create_app(settings: Settings) -> Flask:
    """The Flask app. Raises ValueError for keys that are none."""
    engine = make_engine(settings.database_url, application="ruta intake web")
    doorbell = Doorbell(settings.broker_url)
    vault = Vault(parse_keys(settings.encryption_key))
    return create_service_app(
        ServiceWeb(
            name="intake",
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=BLUEPRINTS,
            page_blueprints=(),
            templates=HERE / "templates",
            translations=HERE / "translations",
            title="Ruta: intake",
            description="Assessments of displaced persons: in, safe to repeat, and what became of each need.",
            environment=settings.environment,
            resources={
                "vault": vault,
                "doorbell": doorbell,
                "gatherer": Gatherer(lambda: bus.transaction(engine, doorbell), vault, utc_now),
            },
        )
    )
