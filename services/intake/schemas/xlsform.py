"""The questions of the ready-made XLSForm that depend on the rules of consent, as those rules say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.intake.domain.age import OLDEST
from services.intake.domain.consent import MATURE_MINOR, MAY
from services.intake.domain.consent_rules import Rule, Schedule
from shared import codes

AGE, COUNTRY = "${edad}", "${pais}"


def of_consent(schedule: Schedule, at: datetime) -> dict[tuple[str, str], str]:
    """By question and column of the sheet `survey`: the formula. Whose age is not given may still have a birth date:
    then the server decides."""
    givers = [f"(. = '{giver}' and ({_when(schedule, at, giver, may)}))" for giver, may in MAY.items()]
    assent = _ages(schedule, at, lambda rule: not rule.own and rule.assent(caregiver=False))
    return {("quien", "constraint"): " or ".join(givers), ("asentimiento", "relevant"): assent}


def _when(schedule: Schedule, at: datetime, giver: str, may: Callable[[Rule], bool]) -> str:
    ages = _ages(schedule, at, may)
    return ages if giver == MATURE_MINOR else f"{AGE} = '' or {ages}"


def _ages(schedule: Schedule, at: datetime, applies: Callable[[Rule], bool]) -> str:
    found = {
        country: _of_spans(schedule.spans(applies, country=country, at=at))
        for country in codes.load("countries")
    }
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return " or ".join(f"({COUNTRY} = '{country}' and ({ages}))" for country, ages in found.items())


def _of_spans(spans: Sequence[tuple[int, int]]) -> str:
    return " or ".join(_of_span(first, last) for first, last in spans) or "false()"


def _of_span(first: int, last: int) -> str:
    if last == OLDEST:
        return f"{AGE} >= {first}"
    if first == 0:
        return f"{AGE} <= {last}"
    return f"({AGE} >= {first} and {AGE} <= {last})"
