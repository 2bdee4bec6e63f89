"""Settings of the notifications service, from the environment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.settings import SettingsError, setting

MIN_SECRET = 20


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _channel(text: str) -> str:
    if text not in {"sandbox", "kannel"}:
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Settings:
    """Read once at start. The Kannel settings are needed when SMS_CHANNEL is `kannel`, and only then."""

    database_url: str = setting(
        "NOTIFICATIONS_DATABASE_URL", secret=True, doc="PostgreSQL as the role of notifications"
    )
    broker_url: str = setting("BROKER_URL", secret=True, doc="Redis, Valkey or RabbitMQ")
    secret_key: str = setting(
        "SECRET_KEY", secret=True, doc="signs tokens; 32 characters or more, all services alike"
    )
    encryption_key: str = setting(
        "NOTIFICATIONS_ENCRYPTION_KEY",
        secret=True,
        doc="32 bytes as base64 or hex; several, comma-separated: the first seals, all open",
    )
    intake_url: str = setting(
        "INTAKE_URL", doc="where safe contacts are asked for, e.g. http://127.0.0.1:8000"
    )
    referral_url: str = setting("REFERRAL_URL", doc="where contacts of organizations are asked for")
    public_url: str = setting("RUTA_PUBLIC_URL", default="", doc="the address people see")
    sms_channel: str = setting(
        "SMS_CHANNEL", default="kannel", parse=_channel, doc="kannel, or sandbox in a demo"
    )
    kannel_sendsms_url: str = setting(
        "KANNEL_SENDSMS_URL", default="", doc="smsbox, e.g. http://kannel:13013/cgi-bin/sendsms"
    )
    kannel_username: str = setting("KANNEL_USERNAME", default="", doc="sendsms-user of Kannel")
    kannel_password: str = setting("KANNEL_PASSWORD", default="", secret=True, doc="its password")
    kannel_dlr_secret: str = setting(
        "KANNEL_DLR_SECRET",
        default="",
        secret=True,
        doc="20 characters or more; part of the addresses Kannel calls",
    )
    kannel_sms_from: str = setting(
        "KANNEL_SMS_FROM", default="", doc="neutral sender: a number or short code"
    )
    callback_url: str = setting(
        "NOTIFICATIONS_URL",
        default="",
        doc="where Kannel reaches this service, e.g. http://notifications:8000",
    )
    per_day: int = setting(
        "MESSAGES_PER_DAY", default=1, parse=_at_least_one, doc="to one person, per local day"
    )
    per_week: int = setting(
        "MESSAGES_PER_WEEK", default=3, parse=_at_least_one, doc="to one person, in seven days"
    )
    follow_up_day_seconds: int = setting(
        "FOLLOW_UP_DAY_SECONDS",
        default=86_400,
        parse=_at_least_one,
        doc="how long a day of a follow-up check lasts; shorter only in a demo",
    )
    environment: str = setting("RUTA_ENVIRONMENT", default="production", doc="demo or production")
    log_level: str = setting("LOG_LEVEL", default="INFO", doc="DEBUG, INFO, WARNING or ERROR")

    @property
    def has_sandbox(self) -> bool:
        """Whether messages go to a page instead of phones."""
        return self.sms_channel == "sandbox"

    def check(self) -> None:
        """Raises SettingsError for a sandbox in production (nobody would get a message) and for a Kannel half set."""
        if self.has_sandbox and self.environment != "demo":
            raise SettingsError(
                "SMS_CHANNEL=sandbox is for RUTA_ENVIRONMENT=demo: nobody would get a message"
            )
        needed = {
            "KANNEL_SENDSMS_URL": self.kannel_sendsms_url,
            "KANNEL_USERNAME": self.kannel_username,
            "KANNEL_PASSWORD": self.kannel_password,
            "KANNEL_SMS_FROM": self.kannel_sms_from,
            "NOTIFICATIONS_URL": self.callback_url,
        }
        missing = sorted(name for name, value in needed.items() if not value)
        if not self.has_sandbox and missing:
            raise SettingsError("SMS_CHANNEL=kannel needs " + ", ".join(missing))
        if not self.has_sandbox and len(self.kannel_dlr_secret) < MIN_SECRET:
            raise SettingsError(f"KANNEL_DLR_SECRET needs {MIN_SECRET} characters or more")
