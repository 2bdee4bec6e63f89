"""An assessment as it is kept, to ask the next provider when one cannot help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.events.base import data_fields
from shared.events.intake import AssessmentSubmitted

KNOWN = frozenset(data_fields(AssessmentSubmitted))


def to_facts(case: AssessmentSubmitted) -> dict[str, Any]:
    """What is kept: the fact's own fields, bands and codes."""
    return case.data()


def from_facts(facts: Mapping[str, Any], *, priority: int = 2) -> AssessmentSubmitted:
    """The case again. Fields that a later version added or dropped are left out."""
    return AssessmentSubmitted(
        seq=1,
        sensitivity="S3",
        priority=priority,
        **{name: value for name, value in facts.items() if name in KNOWN},
    )
