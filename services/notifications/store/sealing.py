"""What the service keeps of phones and answers: a keyed hash of the number, and answers encrypted.

NOTIFICATIONS_ENCRYPTION_KEY may hold several keys, comma-separated: the first hashes and seals, all are tried when
an answer comes in or is opened, so that a key can be replaced.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

_NONCE: Final = 12


class CannotOpen(Exception):
    """A sealed text does not open with any key we have."""


@dataclass(frozen=True)
class Seals:
    """The keys, in use."""

    _keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def from_setting(cls, text: str) -> Seals:
        """Keys of 32 bytes each as hex or base64, comma-separated. Raises ValueError, without the text."""
        keys = tuple(_key(part.strip()) for part in text.split(",") if part.strip())
        if not keys:
            raise ValueError("NOTIFICATIONS_ENCRYPTION_KEY holds no key")
        return cls(keys)

    def index(self, phone: str) -> bytes:
        """What stands for `phone` in our tables: a keyed hash of its digits."""
        return self.indexes(phone)[0]

    def indexes(self, phone: str) -> list[bytes]:
        """The same under every key we have, newest first."""
        digits = re.sub(r"\D", "", phone).removeprefix("00").encode()
        return [hmac.digest(_derived(key, b"number"), digits, "sha256")[:16] for key in self._keys]

    def seal(self, row_id: str, text: str) -> bytes:
        """`text` encrypted for the row `row_id`; it opens for no other row."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCMSIV(_derived(self._keys[0], b"text")).encrypt(
            nonce, text.encode(), row_id.encode()
        )

    def open(self, row_id: str, sealed: bytes) -> str:
        """What was sealed for `row_id`. Raises CannotOpen."""
        for key in self._keys:
            cipher = AESGCMSIV(_derived(key, b"text"))
            try:
                return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], row_id.encode()).decode()
            except InvalidTag:
                continue
        raise CannotOpen


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hashlib.sha256(b"ruta notifications " + purpose + key).digest()


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text) if len(text) == 64 else base64.urlsafe_b64decode(_padded(text))
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ValueError("a key is 32 bytes as hex or base64")
    return key


def _padded(text: str) -> str:
    plain = text.replace("+", "-").replace("/", "_").rstrip("=")
    return plain + "=" * (-len(plain) % 4)
