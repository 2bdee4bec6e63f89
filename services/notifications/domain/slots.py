"""The closed lists a template may draw from. There is no slot for free text, and none for a name of a provider.

A value outside its list is refused when a message is rendered, so nothing that somebody typed can reach a phone.
"""

import hashlib
import itertools
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DATES: Final = tuple(
    f"{day:02d}/{month:02d}" for month, days in enumerate(_DAYS, 1) for day in range(1, days + 1)
)
TIMES: Final = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60))
# Neutral first names agreed with the person ("habla Ana"); unaccented, so that a message stays one segment.
ALIASES: Final = (
    "Ana", "Andrea", "Camila", "Carlos", "Carmen", "Daniel", "Diana", "Elena", "Jorge", "Jose", "Juan", "Julia",
    "Laura", "Lucia", "Luis", "Luisa", "Maria", "Marta", "Miguel", "Pablo", "Paula", "Pedro", "Rosa", "Sara", "Sofia",
)  # fmt: skip
DEFAULT_ALIAS: Final = "Ana"
# Four consonants: they spell no word, are not taken for digits, and say nothing.
_REFERENCE_LETTERS: Final = "CDFHJKMNRTWX"
REFERENCES: Final = tuple("".join(letters) for letters in itertools.product(_REFERENCE_LETTERS, repeat=4))

SLOTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"date": DATES, "time": TIMES, "alias": ALIASES, "reference": REFERENCES}
)
STANDING_ALONE: Final = frozenset({"date", "time"})  # read as digits only when they stand alone
_MEMBERS: Final = {name: frozenset(values) for name, values in SLOTS.items()}


class SlotError(ValueError):
    """A slot that does not exist, or a value outside its closed list. Names the slot, never the value."""


def check(slot: str, value: str) -> str:
    """`value` itself when the list of `slot` holds it, else `SlotError`."""
    if slot not in _MEMBERS:
        raise SlotError(f"no such slot: {slot}")
    if value not in _MEMBERS[slot]:
        raise SlotError(f"value outside the list of slot {slot}")
    return value


def reference(assessment_id: str) -> str:
    """The four letters a person may quote. Always the same for one assessment, and nothing follows from them."""
    number = int.from_bytes(hashlib.blake2b(assessment_id.encode(), digest_size=8).digest(), "big")
    return REFERENCES[number % len(REFERENCES)]


def moment(at: datetime, timezone: str) -> dict[str, str]:
    """The `date` and `time` slots for an instant, as the clock on the person's wall shows it."""
    local = at.astimezone(ZoneInfo(timezone))
    return {"date": f"{local:%d/%m}", "time": f"{local:%H:%M}"}
