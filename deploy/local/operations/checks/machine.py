"""What this machine and its settings tell: disk, keys, gateway, the last backup."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.operations.backup import LAST
from deploy.local.operations.checks.finding import Finding, fail, ok, warn
from shared import tracing

GIGABYTE = 1_000_000_000
DISK_WARN, DISK_FAIL = 5 * GIGABYTE, GIGABYTE // 2
BACKUP_DAYS = 7
DAY = 86_400


def disk(folder: Path) -> Finding:
    """Room where the data lies."""
    existing = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
    free = shutil.disk_usage(existing).free
    seen = f"{free / GIGABYTE:.1f} GB"
    if free >= DISK_WARN:
        return ok("disk", f"Quedan {seen} en disco.", f"{seen} of disk left.")
    return (fail if free < DISK_FAIL else warn)(
        "disk",
        f"Solo quedan {seen} en disco: libere espacio antes de que la base de datos se detenga.",
        f"Only {seen} of disk left: make room before the database stops.",
    )


def last_backup(data: Path) -> Finding:
    """When `ruta backup` last wrote one from this data folder."""
    try:
        days = (time.time() - (data / LAST).stat().st_mtime) / DAY
    except FileNotFoundError:
        return warn(
            "backup",
            "Nunca se hizo una copia de seguridad: `ruta backup FILE`.",
            "There has never been a backup: `ruta backup FILE`.",
        )
    if days > BACKUP_DAYS:
        return warn(
            "backup",
            f"La última copia es de hace {days:.0f} días: `ruta backup FILE`.",
            f"The last backup is {days:.0f} days old: `ruta backup FILE`.",
        )
    return ok("backup", f"Última copia: hace {days:.0f} días.", f"Last backup: {days:.0f} days ago.")


def gateway(settings: Mapping[str, str]) -> Iterable[Finding]:
    """Whether messages can leave."""
    if settings.get("SMS_CHANNEL", "kannel") == "sandbox":
        if settings.get("RUTA_ENVIRONMENT") == "production":
            yield fail(
                "gateway",
                "En producción con el canal de prueba: ningún mensaje sale. Ponga SMS_CHANNEL=kannel.",
                "In production with the sandbox: no message leaves. Set SMS_CHANNEL=kannel.",
            )
        else:
            yield ok("gateway", "Canal de prueba: ningún mensaje sale.", "Sandbox: no message leaves.")
        return
    if not settings.get("KANNEL_SENDSMS_URL"):
        yield fail(
            "gateway",
            "Falta KANNEL_SENDSMS_URL en este entorno.",
            "KANNEL_SENDSMS_URL is missing in this environment.",
        )
        return
    address = urlsplit(settings["KANNEL_SENDSMS_URL"])
    try:
        socket.create_connection((address.hostname or "", address.port or 80), timeout=3).close()
    except (OSError, ValueError):
        yield fail(
            "gateway",
            f"La pasarela de SMS no responde en {address.hostname}: los mensajes esperan. Mire Kannel.",
            f"The SMS gateway does not answer at {address.hostname}: messages wait. Look at Kannel.",
        )
        return
    yield ok("gateway", "La pasarela de SMS responde.", "The SMS gateway answers.")


def traces(settings: Mapping[str, str]) -> Iterable[Finding]:
    """Whether traces that somebody asked for can be made."""
    if settings.get(tracing.ENDPOINT) and not tracing.installed():
        yield warn(
            "traces",
            "Se piden trazas y falta el paquete: `.venv/bin/pip install -e '.[tracing]'`.",
            "Traces are asked for and the package is missing: `.venv/bin/pip install -e '.[tracing]'`.",
        )
