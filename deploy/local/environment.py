"""The settings of every process of the embedded stack: the same names as in production, other values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.lock import holder_of
from deploy.local.embedded.roles import OWNERS
from deploy.local.embedded.schemas import migrate_all
from services.intake.settings import Settings as IntakeSettings
from services.notifications.settings import Settings as NotificationsSettings
from services.referral.settings import Settings as ReferralSettings
from shared.identity.settings import Settings as IdentitySettings
from shared.settings import described

RUNNING = "running.json"
SERVICES = ("intake", "referral", "notifications")
ALSO_PASSED_ON = ("RUTA_FAILPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@dataclass(frozen=True)
class Address:
    """Where the web process listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def settings_of(stack: EmbeddedStack, address: Address) -> dict[str, str]:
    """Every setting for the processes of a running stack."""
    chosen = {name: os.environ[name] for name in (*known(), *ALSO_PASSED_ON) if os.environ.get(name)}
    keys = ("SECRET_KEY", "INTAKE_ENCRYPTION_KEY", "NOTIFICATIONS_ENCRYPTION_KEY")
    return {
        "RUTA_ENVIRONMENT": "demo",
        "SMS_CHANNEL": "sandbox",
        "KANNEL_DLR_SECRET": stack.secrets["KANNEL_DLR_SECRET"],
        **chosen,
        **{key: stack.secrets[key] for key in keys},
        "RUTA_PUBLIC_URL": address.url,
        "BROKER_URL": stack.broker_url,
        **{f"{name.upper()}_URL": address.url for name in (*SERVICES, "identity")},
        **{f"{owner.upper()}_DATABASE_URL": stack.database_url(owner) for owner in OWNERS},
    }


def names_a_server() -> bool:
    """Whether this environment names the databases of a server, rather than leaving it to the data folder."""
    return "INTAKE_DATABASE_URL" in os.environ


def known() -> set[str]:
    """The name of every setting of every service: those that a person may choose for the embedded stack as well."""
    classes = (IntakeSettings, ReferralSettings, NotificationsSettings, IdentitySettings)
    return {one.metadata["env"] for settings in classes for one in described(settings)}


def write_running(data: Path, settings: Mapping[str, str]) -> None:
    """Tell other `ruta` commands how to reach the stack that runs on `data`."""
    file = data / RUNNING
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(dict(settings), out)


def forget_running(data: Path) -> None:
    (data / RUNNING).unlink(missing_ok=True)


class ServerSettings(dict[str, str]):
    """Those of this environment; one that is missing is named to the person at the terminal."""

    def __missing__(self, name: str) -> str:
        raise StackError(
            f"Falta {name}: este entorno nombra las bases de datos de un servidor, y la orden también lo necesita.",
            f"{name} is missing: this environment names the databases of a server, and the command needs it too.",
        )


@contextmanager
def settings_for(data: Path) -> Iterator[Mapping[str, str]]:
    """The settings to reach the databases with: those of this environment when it names them (a server), else of
    the stack that runs on `data`, else of one started for the length of this block. Raises StackError for a setting
    that a server's environment lacks, and when the database does not answer."""
    try:
        with _settings_for(data) as settings:
            yield settings
    except OperationalError as error:
        reason = (str(error.orig).strip().splitlines() or ["?"])[0]
        raise StackError(
            f"La base de datos no responde: {reason}", f"The database does not answer: {reason}"
        ) from error


@contextmanager
def _settings_for(data: Path) -> Iterator[Mapping[str, str]]:
    if names_a_server():
        yield ServerSettings(os.environ)
        return
    if holder_of(data) is not None and (data / RUNNING).exists():
        yield json.loads((data / RUNNING).read_text(encoding="utf-8"))
        return
    with EmbeddedStack(data) as stack:
        migrate_all(stack)
        yield settings_of(stack, Address("127.0.0.1", 8000))
