"""Identifying data at rest: AES-256-GCM-SIV, one key per person, wrapped by INTAKE_ENCRYPTION_KEY.

What is bound to a sealed value (its AAD) is the table, the row and the field, so a value copied elsewhere does not
open. The setting may hold several keys, comma-separated: the first seals, all open, so a key can be replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

NONCE = 12
FORMAT = b"\x01"


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, or it belongs elsewhere. Says nothing about its content."""


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The keys in the setting: each 32 bytes as hex or base64. Raises ValueError."""
    keys = tuple(_one_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise ValueError("no key")
    return keys


def _one_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text) if len(text) == 64 else base64.urlsafe_b64decode(_padded(text))
    except ValueError as error:
        raise ValueError("a key is 32 bytes as hex or base64") from error
    if len(key) != 32:
        raise ValueError("a key is 32 bytes as hex or base64")
    return key


def _padded(text: str) -> str:
    plain = text.replace("+", "-").replace("/", "_").rstrip("=")
    return plain + "=" * (-len(plain) % 4)


@dataclass(frozen=True)
class WrappedKey:
    """A person's key as it is stored."""

    person_id: str
    key_id: str
    data_key: bytes


@dataclass(frozen=True)
class PersonKey:
    """A person's key in use: seals and opens that person's values, and nobody else's."""

    wrapped: WrappedKey
    _cipher: AESGCMSIV = field(repr=False)

    def seal(self, place: tuple[str, str, str], value: Any) -> bytes | None:
        """`value` (anything JSON holds) sealed for `place`: (table, row id, field). None stays None."""
        if value is None:
            return None
        nonce = os.urandom(NONCE)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, _aad(place))

    def open(self, place: tuple[str, str, str], sealed: bytes | None) -> Any:
        """What was sealed for `place`. Raises CannotOpen."""
        if sealed is None:
            return None
        if sealed[:1] != FORMAT:
            raise CannotOpen(place[0])
        try:
            plain = self._cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], _aad(place))
        except InvalidTag as error:
            raise CannotOpen(place[0]) from error
        return json.loads(plain)


class Vault:
    """Holds the wrapping keys. Thread-safe."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_key_id(key): AESGCMSIV(key) for key in keys}
        self._current = _key_id(keys[0])
        self._mac_keys = [hashlib.sha256(b"ruta intake body" + key).digest() for key in keys]

    def new_key(self, person_id: str) -> PersonKey:
        """A fresh key for a new person."""
        raw = os.urandom(32)
        nonce = os.urandom(NONCE)
        place = ("person", person_id, "data_key")
        wrapped = FORMAT + nonce + self._ciphers[self._current].encrypt(nonce, raw, _aad(place))
        return PersonKey(WrappedKey(person_id, self._current, wrapped), AESGCMSIV(raw))

    def open_key(self, wrapped: WrappedKey) -> PersonKey:
        """A stored key for use. Raises CannotOpen when its wrapping key is not among ours."""
        cipher = self._ciphers.get(wrapped.key_id)
        if cipher is None or wrapped.data_key[:1] != FORMAT:
            raise CannotOpen("data_key")
        nonce, rest = wrapped.data_key[1 : 1 + NONCE], wrapped.data_key[1 + NONCE :]
        try:
            raw = cipher.decrypt(nonce, rest, _aad(("person", wrapped.person_id, "data_key")))
        except InvalidTag as error:
            raise CannotOpen("data_key") from error
        return PersonKey(wrapped, AESGCMSIV(raw))

    def body_macs(self, document: Any) -> tuple[bytes, ...]:
        """Keyed fingerprints of a JSON document, one per key, the current one first: equal for equal content,
        whatever its order and white space. Only the first is kept; any of them recognizes a repeat."""
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        return tuple(hmac.digest(key, canonical, "sha256") for key in self._mac_keys)


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"ruta intake key id" + key).hexdigest()[:12]


def _aad(place: tuple[str, str, str]) -> bytes:
    return "intake.{}/{}/{}".format(*place).encode()
