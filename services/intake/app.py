"""The web process of the intake service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from services.intake.api import BLUEPRINTS
from services.intake.clients.directory import Directory
from services.intake.operations.consent_rules import ConsentRules
from services.intake.operations.gathering import Submissions
from services.intake.pages import PAGES
from services.intake.settings import Settings
from services.intake.store.sealing import Vault, parse_keys
from shared import bus
from shared.bus import Doorbell, Pressure
from shared.clock import utc_now
from shared.database import make_engine
from shared.web import Actor, Check, Gauge, ServiceWeb, create_service_app
from shared.web.revoked import from_accounts
from shared.web.standing import bus_checks, bus_gauges

HERE = Path(__file__).parent
LISTENERS = ("referral", "notifications")
"""Who has to keep up with what comes in here."""
SERVICE = "intake"


def create_app(settings: Settings) -> Flask:
    """The Flask app. Raises ValueError for keys that are none."""
    engine = make_engine(settings.database_url, application="ruta intake web")
    doorbell = Doorbell(settings.broker_url)
    vault = Vault(parse_keys(settings.encryption_key))
    held_back_by = pressures(engine, settings)
    return create_service_app(
        ServiceWeb(
            name=SERVICE,
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=BLUEPRINTS,
            page_blueprints=PAGES,
            checks=(*bus_checks(engine, SERVICE, settings.broker_url), pressure_check(held_back_by)),
            gauges=(*bus_gauges(engine, SERVICE), filled_gauge(held_back_by)),
            templates=HERE / "pages" / "templates",
            translations=HERE / "translations",
            title="Ruta: intake",
            description="Assessments of displaced persons: in, safe to repeat, and what became of each need.",
            environment=settings.environment,
            public_url=settings.public_url,
            trusted_proxies=settings.trusted_proxies,
            is_revoked=retired(settings),
            resources={
                "vault": vault,
                "doorbell": doorbell,
                "pressures": held_back_by,
                "directory": Directory(url=settings.referral_url, secret_key=settings.secret_key),
                "consent_rules": ConsentRules(engine),
                "submissions": Submissions(lambda: bus.transaction(engine, doorbell), vault, utc_now),
            },
        )
    )


def pressures(engine: Engine, settings: Settings) -> list[Pressure]:
    """What may hold new assessments back: events that wait for another service, messages that wait for a gateway."""
    return [
        *(Pressure.of_inbox(engine, one, limit=settings.backlog_limit) for one in LISTENERS),
        Pressure.of_outlet(engine, "notifications", limit=settings.messages_limit),
    ]


def pressure_check(held_back_by: Sequence[Pressure]) -> Check:
    """`pressure`: new assessments are taken in. While they are answered 503, `ready` says `degraded`."""

    def probe() -> None:
        for pressure in held_back_by:
            pressure.admit()

    return Check("pressure", probe, required=False)


def filled_gauge(held_back_by: Sequence[Pressure]) -> Gauge:
    """How near each of them is to its limit, whatever the limit is: at 1 new assessments are answered 503."""
    return Gauge(
        "ruta_intake_filled_ratio",
        "What waits behind intake, as a part of what may",
        ("queue", "service"),
        lambda: [(one.of, one.filled()) for one in held_back_by],
    )


def retired(settings: Settings) -> Callable[[Actor], bool] | None:
    """Asks whether a caller's credential was retired before it expires."""
    if not settings.identity_url:
        return None
    return from_accounts(settings.identity_url, SERVICE, secret_key=settings.secret_key).covers
