"""What every fact has."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

SENSITIVITY = ("S0", "S1", "S2", "S3")
"""S0 public, S1 normal, S2 sensitive (health, status), S3 restricted (GBV, child protection, trafficking, HIV, SEA)."""

ENVELOPE_FIELDS = ("seq", "sensitivity", "priority")

LAST_URGENT, LAST = 1, 3
"""Of 0 emergency to 3 low: what goes first everywhere (P0 and P1), and everything."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. Carries ids and codes, never a name, a number, an address or a narrative.

    `seq` is the fact's place among those of the same subject, counted by the subject's own version from 1;
    `priority` is 0 (emergency) to 3 (low) and decides who goes first everywhere.
    """

    TYPE: ClassVar[str]
    SOURCE: ClassVar[str]
    SUBJECT_KIND: ClassVar[str]
    SUBJECT_FIELD: ClassVar[str]

    seq: int
    sensitivity: str = "S1"
    priority: int = 2

    @property
    def subject(self) -> str:
        """What the fact is about, e.g. `referral/0190…`. Facts of one subject act in the order of `seq`."""
        return f"{self.SUBJECT_KIND}/{getattr(self, self.SUBJECT_FIELD)}"

    def data(self) -> dict[str, Any]:
        """The fact's own fields, as they stand in the event's `data`."""
        return {name: getattr(self, name) for name in data_fields(type(self))}


_data_fields: dict[type[Fact], tuple[str, ...]] = {}


def data_fields(cls: type[Fact]) -> tuple[str, ...]:
    """The names of `cls`'s own fields, without those of the envelope."""
    if cls not in _data_fields:
        _data_fields[cls] = tuple(one.name for one in fields(cls) if one.name not in ENVELOPE_FIELDS)
    return _data_fields[cls]
