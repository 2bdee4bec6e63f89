"""How fast: the priority of a need, its deadline and its clinical window.

Source: Community pathway, urgency rows U-01 to U-36.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.referral.domain.pathway_case import weight_of
from services.referral.domain.pathway_tables import Pathway, Urgency

MARGIN_HOURS = 2
"""Hours of a clinical window that are kept for the way to the provider."""


@dataclass(frozen=True, slots=True)
class Priority:
    """0 (emergency) to 3. `deadline_hours` until help must have begun; `window_hours` left of the clinical window.
    `floor` is the lowest priority to which a person may lower it; `reasons` are the rows behind it."""

    level: int
    deadline_hours: int
    window_hours: int | None
    floor: int
    reasons: tuple[str, ...]


def priority_of(pathway: Pathway, inputs: Mapping[str, Any], hours: int | None) -> Priority:
    """Highest row wins; then risk raises. `hours` are those since the event, for rows with a clinical window.

    Raises LookupError when no row serves the need, DecisionError when the inputs cannot be read.
    """
    matched = pathway.tables["priority"].explain(inputs).matched
    if not matched:
        raise LookupError(f"no priority row serves {inputs['need']}")
    rows = [pathway.urgencies[row_id] for row_id in matched]
    windows = [row.window - (hours or 0) for row in rows if row.window]
    left = max(min(windows), 0) if windows else None
    found = min(row.priority for row in rows)
    deadline = min(_deadline(row, hours) for row in rows)
    raised, by = _raised(pathway, inputs, found)
    if raised < found:
        deadline = min(deadline, pathway.clocks[raised].limits.decide)
    floor = min(pathway.floors[row_id] for row_id in matched)
    return Priority(raised, deadline, left, floor, matched + by)


def _deadline(row: Urgency, hours: int | None) -> int:
    """A window caps the deadline: what is left of it, less a margin, at least one hour (U-04, U-05)."""
    if row.window is None:
        return row.deadline_hours
    return max(1, min(row.deadline_hours, row.window - (hours or 0) - MARGIN_HOURS))


def _raised(pathway: Pathway, inputs: Mapping[str, Any], found: int) -> tuple[int, tuple[str, ...]]:
    """Risk raises by one level and never lowers (U-35)."""
    if found == 0 or not inputs["criteria"]:
        return found, ()
    weight = weight_of(inputs["criteria"], age_band=inputs["age_band"], need=inputs["need"])
    case = {"priority": f"P{found}", "criteria": inputs["criteria"], "weight": weight}
    explained = pathway.tables["modifiers"].explain(case)
    raised = min((pathway.raised[row_id] for row_id in explained.deciding), default=found)
    return raised, (explained.deciding if raised < found else ())
