"""The web process of the referral service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from services.referral.api import BLUEPRINTS
from services.referral.clients.intake import Intake
from services.referral.domain.status import OPEN
from services.referral.operations import watching
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from services.referral.pages import PAGES
from services.referral.settings import Settings
from services.referral.store import standing
from shared.bus import Doorbell
from shared.clock import utc_now
from shared.database import make_engine
from shared.web import Gauge, ServiceWeb, create_service_app
from shared.web.standing import bus_checks, bus_gauges

HERE = Path(__file__).parent
SERVICE = "referral"


def create_app(settings: Settings) -> Flask:
    """The Flask app. Raises ValueError for a secret key that is too short."""
    engine = make_engine(settings.database_url, application="ruta referral web")
    return create_service_app(
        ServiceWeb(
            name=SERVICE,
            secret_key=settings.secret_key,
            engine=engine,
            api_blueprints=BLUEPRINTS,
            page_blueprints=PAGES,
            checks=bus_checks(engine, SERVICE, settings.broker_url),
            gauges=(*bus_gauges(engine, SERVICE), *gauges(engine)),
            templates=HERE / "pages" / "templates",
            translations=HERE / "translations",
            title="Ruta: referral",
            description="Who helps with which need, what became of it, and whose turn it is.",
            environment=settings.environment,
            public_url=settings.public_url,
            accounts_url=settings.identity_url,
            trusted_proxies=settings.trusted_proxies,
            resources={
                "router": Router(Catalogue()),
                "doorbell": Doorbell(settings.broker_url),
                "intake": Intake(url=settings.intake_url, secret_key=settings.secret_key),
            },
        )
    )


def gauges(engine: Engine) -> tuple[Gauge, ...]:
    """How the promise is kept: referrals by status, those without a next owner (always 0), clocks that are late, and
    what is found about the rules that decide."""

    def by_status() -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            counts = dict.fromkeys(sorted(OPEN), 0) | standing.by_status(conn)
        return [((status,), float(count)) for status, count in counts.items()]

    def ownerless() -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            return [((), float(standing.ownerless(conn)))]

    def late() -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            return [((), float(standing.late_clocks(conn)))]

    def rules() -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            counts = watching.in_force(conn, now=utc_now()).counts
        return [((standing,), float(count)) for standing, count in counts.items()]

    def unwatched() -> Iterable[tuple[Sequence[str], float]]:
        with engine.connect() as conn:
            return [((), watching.oldest_due(conn, now=utc_now()) or 0.0)]

    return (
        Gauge("ruta_rules_findings", "Findings about the rules in force by standing", ("standing",), rules),
        Gauge(
            "ruta_rules_look_late_seconds",
            "How long the next look at the rules in force is due",
            (),
            unwatched,
        ),
        Gauge("ruta_referrals", "Open referrals by status", ("status",), by_status),
        Gauge("ruta_referrals_without_owner", "Open referrals that nobody has to act on", (), ownerless),
        Gauge("ruta_clocks_late", "Clocks that are due and were not acted on yet", (), late),
    )
