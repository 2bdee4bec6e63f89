"""The last look before a text leaves: refuses whatever could reveal a need, and what a phone would garble.

Called on the final string, after every slot is filled, by whoever is about to send. It does not repair.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from services.notifications.domain import gsm7, lexicon


class Finding(StrEnum):
    """Why a text is refused. The values are stable codes: they go into the record of the notification."""

    EMPTY = "guard_empty"
    WORD = "guard_word"
    LINK = "guard_link"
    NUMBER = "guard_number"
    PLACEHOLDER = "guard_placeholder"
    ALPHABET = "guard_alphabet"
    LENGTH = "guard_length"


# A link needs no scheme to be one on a phone: `sitio.org` is enough. A full stop is followed by a space.
LINK: Final = re.compile(r"@|://|/[A-Za-z]|\.(?<=[^\W_]\.)[^\W_]|[wW](?<!\w[wW])[wW]{2}\b")
# Six digits in a row are a phone number, an identity number or a code, never a date or a time.
NUMBER: Final = re.compile(r"(?:\d[ .\-]?){6,}")
PLACEHOLDER: Final = re.compile(r"[{}<>\[\]\\]|%\w|\$\w")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")


class UnsafeTextError(Exception):
    """A text that may not be sent. Names the findings, never the text."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(findings))
        self.findings = findings


@dataclass(frozen=True)
class Budget:
    """How long a message may be, in segments of the GSM alphabet."""

    segments: int = 1


def findings(
    text: str, *, budget: Budget = Budget(), words: lexicon.Lexicon | None = None
) -> tuple[Finding, ...]:
    """Everything wrong with `text`, in a fixed order; empty means it may be sent."""
    found = []
    if not text.strip():
        found.append(Finding.EMPTY)
    if (words or lexicon.load()).find(text):
        found.append(Finding.WORD)
    if LINK.search(text):
        found.append(Finding.LINK)
    if NUMBER.search(text):
        found.append(Finding.NUMBER)
    if PLACEHOLDER.search(text):
        found.append(Finding.PLACEHOLDER)
    if gsm7.outside(text) or CONTROL.search(text):
        found.append(Finding.ALPHABET)
    elif gsm7.segments(text) > budget.segments:
        found.append(Finding.LENGTH)
    return tuple(found)


@lru_cache(maxsize=1024)
def _looked_at(text: str, budget: Budget) -> tuple[Finding, ...]:
    """Staff get the same text all day long; looking at it is most of what making a message costs."""
    return findings(text, budget=budget)


def ensure_safe(text: str, *, budget: Budget = Budget()) -> str:
    """`text` itself when nothing is wrong with it, else `UnsafeTextError`."""
    wrong = _looked_at(text, budget)
    if wrong:
        raise UnsafeTextError(wrong)
    return text
