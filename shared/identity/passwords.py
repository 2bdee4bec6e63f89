"""Passwords (Argon2id) and single-use codes (TOTP). Nothing here touches the database."""

from __future__ import annotations

import os
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.web.actor import derived_key

MIN_LENGTH = 12
MAX_LENGTH = 200
STEP_SECONDS = 30
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id as OWASP asks at least: 19 MiB, two passes, one lane; about 40 ms."""

NOBODY = HASHER.hash("a password that no account has")
"""Checked when there is no such account, so that a wrong name takes as long as a wrong password."""


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return HASHER.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; takes as long when nothing is stored."""
    try:
        return HASHER.verify(stored or NOBODY, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def new_totp_secret() -> str:
    """A fresh base32 secret for an authenticator app."""
    return pyotp.random_base32()


def totp_address(secret: str, username: str) -> str:
    """The `otpauth://` address that an authenticator app opens."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Ruta")


def totp_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step that `code` belongs to: this one or a neighbour, later than `after`. None when it fits none.

    The caller stores the step, so that a code works once.
    """
    digits = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if step > after and pyotp.utils.strings_equal(totp.at(step * STEP_SECONDS), digits):
            return step
    return None


def seal(secret: str, *, account_id: str, secret_key: str) -> bytes:
    """`secret` encrypted for this account."""
    nonce = os.urandom(12)
    return nonce + AESGCM(derived_key(secret_key, "totp")).encrypt(
        nonce, secret.encode(), account_id.encode()
    )


def unseal(sealed: bytes, *, account_id: str, secret_key: str) -> str:
    """The secret back. Raises ValueError when it was sealed for another account or with another key."""
    try:
        cipher = AESGCM(derived_key(secret_key, "totp"))
        return cipher.decrypt(sealed[:12], sealed[12:], account_id.encode()).decode()
    except InvalidTag as error:
        raise ValueError("sealed for another account or with another key") from error
