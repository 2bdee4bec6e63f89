"""Identifiers: UUIDv7 for machines, short codes for people."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters without 0, 1, I and O, which people mix up when they read a code aloud."""
_PAIRS = [low + high for high in ALPHABET for low in ALPHABET]

_lock = threading.Lock()
_last = (0, 0)
_random = b""


def new_id() -> str:
    """A new UUIDv7 (RFC 9562), increasing within this process so that indexes stay compact."""
    global _last, _random  # noqa: PLW0603 - the counter that keeps ids of one millisecond in order
    with _lock:
        if len(_random) < 10:
            _random = os.urandom(1_000)  # one system call for a hundred ids
        entropy, _random = _random[:10], _random[10:]
        millis = time.time_ns() // 1_000_000
        counter = int.from_bytes(entropy[:2], "big") & 0x7FF
        if millis <= _last[0]:
            millis, counter = _last[0], _last[1] + 1
            if counter > 0xFFF:
                millis, counter = millis + 1, 0
        _last = (millis, counter)
    value = millis << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62
    value |= int.from_bytes(entropy[2:], "big") & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _forget() -> None:
    """A forked child must not hand out its parent's random bytes."""
    global _lock, _random
    _lock, _random = threading.Lock(), b""


os.register_at_fork(after_in_child=_forget)


def is_id(text: object) -> bool:
    """Whether `text` is a UUID in its canonical lower-case form."""
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def short_code(identifier: str) -> str:
    """The six characters by which people speak of a case, e.g. `K7Q2MX`. Derived, not reversible, not secret."""
    number = int.from_bytes(hashlib.sha256(identifier.encode()).digest()[4:8], "big")
    return _PAIRS[number & 1023] + _PAIRS[number >> 10 & 1023] + _PAIRS[number >> 20 & 1023]
