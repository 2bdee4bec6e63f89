"""What the rules ask of a consent, by country and age, and which rules count at a moment.

The rules are the table `consent_policy` of the referral service, told by `consent_policy.scheduled.v1`. Until that has
been heard, and wherever it says nothing, the packaged ones count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain.age import OLDEST
from shared.clock import parse_time

CONSENT, NONE = "consent", "none"
WRITTEN_ASSENT = "written_assent"
WITH_PERMISSION = "consent_with_permission"
OTHER_ADULT, OTHER_ADULT_AND_ASSENT = "other_adult", "other_adult_and_assent"
MATURE_ASSENT, OWN_CONSENT = "mature_assent", "own_consent"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is asked of the child (of whatever age), of the caregiver, and instead of an absent caregiver. A code that
    this release does not know counts as the stricter answer."""

    child: str
    caregiver: str
    if_absent: str

    @property
    def own(self) -> bool:
        """The person consents. Else an adult does."""
        return self.child == CONSENT and self.caregiver in (NONE, WITH_PERMISSION)

    @property
    def another_adult(self) -> bool:
        """Another trusted adult may stand in for an absent caregiver."""
        return self.if_absent in (OTHER_ADULT, OTHER_ADULT_AND_ASSENT, MATURE_ASSENT)

    @property
    def mature(self) -> bool:
        """Without a caregiver, the word of a child who is mature enough carries."""
        return self.if_absent in (MATURE_ASSENT, OWN_CONSENT)

    def assent(self, *, caregiver: bool) -> bool:
        """Whether an adult's consent needs the child's assent: the caregiver's, or another adult's."""
        return self.child != NONE or (not caregiver and self.if_absent == OTHER_ADULT_AND_ASSENT)


Rules = Mapping[tuple[str, int | None], Rule]
"""By country and age in years; None is an age that nobody knows."""

PACKAGED: Sequence[tuple[Iterable[int | None], Rule]] = (
    (range(6), Rule("none", "consent", "other_adult")),
    (range(6, 12), Rule("oral_assent", "consent", "other_adult_and_assent")),
    (range(12, 15), Rule("written_assent", "consent", "mature_assent")),
    (range(15, 18), Rule("consent", "consent_with_permission", "own_consent")),
    (range(18, OLDEST + 1), Rule("consent", "none", "own_consent")),
    ((None,), Rule("consent", "consent_with_permission", "own_consent")),
)
"""The packaged table, the same for every country. A test holds it against the table itself."""

_BY_AGE = {age: rule for ages, rule in PACKAGED for age in ages}


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which rules count when: those of the last period that has begun. `periods`: their begin (None: from ever) and
    rules, oldest first."""

    periods: tuple[tuple[datetime | None, Rules], ...] = ()

    @classmethod
    def of(cls, told: Iterable[Mapping[str, Any]]) -> Schedule:
        """The schedule as `consent_policy.scheduled.v1` tells it in `periods`."""
        return cls(tuple((_moment(one["begins"]), _rules(one["rules"])) for one in told))

    def rule(self, *, country: str | None, age: int | None, at: datetime) -> Rule:
        """What is asked at this age in this country by the rules that count at a moment."""
        for begins, rules in reversed(self.periods):
            if begins is None or begins <= at:
                found = rules.get((country, age)) if country else None
                return found or _BY_AGE[age]
        return _BY_AGE[age]

    def spans(
        self, applies: Callable[[Rule], bool], *, country: str, at: datetime
    ) -> tuple[tuple[int, int], ...]:
        """First and last of each row of ages at which the rule is such a one."""
        found: list[tuple[int, int]] = []
        for age in range(OLDEST + 1):
            if not applies(self.rule(country=country, age=age, at=at)):
                continue
            if found and found[-1][1] == age - 1:
                found[-1] = (found[-1][0], age)
            else:
                found.append((age, age))
        return tuple(found)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def _rules(told: Iterable[Mapping[str, Any]]) -> Rules:
    return {
        (country, age): Rule(one["child"], one["caregiver"], one["if_absent"])
        for one in told
        for country in one["countries"]
        for age in _ages(one["ages"])
    }


def _ages(told: Sequence[int] | None) -> Iterable[int | None]:
    """From the first to the last of them; None is the unknown age."""
    return (None,) if told is None else range(told[0], told[1] + 1)
