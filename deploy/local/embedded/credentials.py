"""Passwords and keys of one data folder: made once, kept in `secrets.env` (mode 0600)."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from deploy.local.embedded.errors import StackError

DATABASE_ROLES = ("admin", "intake", "referral", "notifications", "identity", "bus")


def _password() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    """32 random bytes, URL-safe base64: an AES-256 key."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode("ascii")


MAKERS = {
    **{f"POSTGRES_{role.upper()}_PASSWORD": _password for role in DATABASE_ROLES},
    "BROKER_PASSWORD": _password,
    "SECRET_KEY": _key,
    "INTAKE_ENCRYPTION_KEY": _key,
    "NOTIFICATIONS_ENCRYPTION_KEY": _key,
    "KANNEL_DLR_SECRET": _password,
    "DEMO_PASSWORD": lambda: secrets.token_hex(8),
}


def read_or_make(file: Path, *, new_folder: bool) -> dict[str, str]:
    """Read the secrets, making those that are missing.

    Raises StackError when the file is gone but the database it belongs to is there: made anew, the
    passwords would not open it and the keys would not read what it holds.
    """
    known = read(file)
    if not known and not new_folder:
        raise StackError(
            f"Falta {file}, con las claves de los datos de esta carpeta: recupérelo o use otra carpeta con --data.",
            f"{file} is missing, with the keys to the data in this folder: restore it or use another --data.",
        )
    missing = {name: make() for name, make in MAKERS.items() if name not in known}
    if missing:
        known |= missing
        _write(file, known)
    return known


def read(file: Path) -> dict[str, str]:
    """The secrets of a folder, empty when it has none."""
    if not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _write(file: Path, values: dict[str, str]) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(
            "# Ruta: claves de esta carpeta de datos. No las comparta. / Keys of this data folder. Keep them secret.\n"
        )
        out.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.replace(file)
