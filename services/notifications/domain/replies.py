"""What an answer from a phone means, given what was asked. Digits by question, words at any time.

Read tolerantly (case, accents, spaces, punctuation; Spanish and English) but never generously: what is not
plainly one of the answers is `UNEXPECTED`, which stops all automation for that person and asks a human to call.
Nothing is ever answered by machine.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from services.notifications.domain import templates


class Kind(StrEnum):
    """What an answer asks of us."""

    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"
    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    CALL = "call"
    CALL_NOW = "call_now"
    CALL_LATER = "call_later"
    CHANGE = "change"
    STOP = "stop"
    DANGER = "danger"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Consequence:
    """What follows from an answer: a call (coded reason), silence, or neither; answers to follow-ups give outcomes."""

    call: str | None = None
    silence: str | None = None
    urgent: bool = False


CONSEQUENCES: Final[Mapping[Kind, Consequence]] = MappingProxyType(
    {
        Kind.YES: Consequence(),
        Kind.NO: Consequence(call="answered_no"),
        Kind.NOT_SAID: Consequence(),
        Kind.GOOD: Consequence(),
        Kind.FAIR: Consequence(),
        Kind.BAD: Consequence(call="bad_experience"),
        Kind.CALL: Consequence(call="asked_for_call"),
        Kind.CALL_NOW: Consequence(call="can_talk_now", urgent=True),
        Kind.CALL_LATER: Consequence(call="call_another_time"),
        Kind.CHANGE: Consequence(call="change_appointment"),
        Kind.STOP: Consequence(silence="opted_out"),
        Kind.DANGER: Consequence(call="danger_word", silence="danger_word", urgent=True),
        Kind.UNEXPECTED: Consequence(call="unexpected_reply", silence="unexpected_reply"),
    }
)

_YES_NO: Final = {"1": Kind.YES, "2": Kind.NO}
ANSWERS: Final[Mapping[str, Mapping[str, Kind]]] = MappingProxyType(
    {
        templates.APPOINTMENT: {},
        templates.RECEIVED: {},
        templates.CALL_BACK: {"1": Kind.CALL_NOW, "2": Kind.CALL_LATER},
        templates.ERRAND: {**_YES_NO, "3": Kind.CALL},
        templates.INCOME: {**_YES_NO, "3": Kind.NOT_SAID},
        templates.FEEDBACK: {"1": Kind.GOOD, "2": Kind.FAIR, "3": Kind.BAD, "4": Kind.CALL},
    }
)
"""What each question's digits mean. A template that is not here asks nothing of anybody."""

STOP_WORDS: Final = frozenset({"baja", "stop", "salir", "alto", "parar", "cancelar", "unsubscribe"}) | {
    "no mas", "nomas", "darme de baja", "dar de baja", "no more", "quit", "leave",
}  # fmt: skip
DANGER_WORDS: Final = frozenset({"auxilio", "ayuda", "ayudame", "socorro", "sos", "peligro", "emergencia"}) | {
    "help", "help me", "danger", "emergency", "911", "105", "123",
}  # fmt: skip
_WORDS: Final[Mapping[str, frozenset[Kind]]] = MappingProxyType(
    {
        "si": frozenset({Kind.YES}), "yes": frozenset({Kind.YES}), "no": frozenset({Kind.NO}),
        "llamar": frozenset({Kind.CALL}), "llamame": frozenset({Kind.CALL}), "call": frozenset({Kind.CALL}),
        "prefiero no decir": frozenset({Kind.NOT_SAID}), "prefer not to say": frozenset({Kind.NOT_SAID}),
        "buena": frozenset({Kind.GOOD}), "good": frozenset({Kind.GOOD}), "regular": frozenset({Kind.FAIR}),
        "fair": frozenset({Kind.FAIR}), "mala": frozenset({Kind.BAD}), "bad": frozenset({Kind.BAD}),
    }
)  # fmt: skip
_NUMERALS: Final = {
    "uno": "1",
    "dos": "2",
    "tres": "3",
    "cuatro": "4",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
}
_CHANGE: Final = frozenset({"cambiar", "cambio", "change"})
_COURTESY: Final = frozenset({"gracias", "thanks", "thank you", "por favor", "please"})


def normalise(text: str) -> str:
    """Lower case, no accents, single spaces, letters and digits only: `¡ Sí !` becomes `si`."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^0-9a-zñ ]+", " ", plain.casefold()).split())


def read(text: str, asked: str | None) -> Kind:
    """What `text` means as an answer to the template `asked` (None: nothing was asked of this phone)."""
    said = normalise(text)
    if said in DANGER_WORDS:
        return Kind.DANGER
    if said in STOP_WORDS:
        return Kind.STOP
    for polite in _COURTESY:
        said = said.removesuffix(f" {polite}")
    if said in _CHANGE:
        return Kind.CHANGE if asked == templates.APPOINTMENT else Kind.UNEXPECTED
    answers = ANSWERS.get(asked or "", {})
    return _among(said, answers)


def _among(said: str, answers: Mapping[str, Kind]) -> Kind:
    digit, _, label = said.partition(" ")
    digit = _NUMERALS.get(digit, digit)
    kind = answers.get(digit)
    if kind is not None and (not label or kind in _WORDS.get(label, frozenset())):
        return kind
    named = _WORDS.get(said, frozenset()) & frozenset(answers.values())
    return next(iter(named), Kind.UNEXPECTED)
