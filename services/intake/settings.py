"""Settings of the intake service, from the environment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.bus.pressure import MOST, parse_limit
from shared.settings import setting


@dataclass(frozen=True)
class Settings:
    """Read once at start."""

    database_url: str = setting("INTAKE_DATABASE_URL", secret=True, doc="PostgreSQL as the role of intake")
    broker_url: str = setting("BROKER_URL", secret=True, doc="Redis, Valkey or RabbitMQ")
    secret_key: str = setting(
        "SECRET_KEY", secret=True, doc="signs tokens; 32 characters or more, all services alike"
    )
    encryption_key: str = setting(
        "INTAKE_ENCRYPTION_KEY",
        secret=True,
        doc="32 bytes as base64 or hex; several, comma-separated: the first seals, all open",
    )
    public_url: str = setting(
        "RUTA_PUBLIC_URL", default="", doc="where people reach Ruta, e.g. https://ruta.example.org"
    )
    referral_url: str = setting(
        "REFERRAL_URL", doc="where names of organizations are asked for, e.g. http://referral:8000"
    )
    identity_url: str = setting(
        "IDENTITY_URL",
        default="",
        doc="where credentials that were retired are asked for; without it they hold until they expire",
    )
    trusted_proxies: int = setting(
        "RUTA_TRUSTED_PROXIES",
        default=0,
        parse=int,
        doc="reverse proxies whose X-Forwarded headers to believe",
    )
    backlog_limit: int = setting(
        "INTAKE_BACKLOG_LIMIT",
        default=20_000,
        parse=parse_limit,
        doc=f"events that may wait for another service before new assessments are answered 503: 1 to {MOST}",
    )
    messages_limit: int = setting(
        "INTAKE_MESSAGES_LIMIT",
        default=20_000,
        parse=parse_limit,
        doc=f"messages that may wait for a gateway that is away before the same: 1 to {MOST}",
    )
    environment: str = setting("RUTA_ENVIRONMENT", default="production", doc="demo or production")
    log_level: str = setting("LOG_LEVEL", default="INFO", doc="DEBUG, INFO, WARNING or ERROR")
