"""Facts that the intake service publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from shared.events.base import Fact


@dataclass(frozen=True, kw_only=True)
class AssessmentSubmitted(Fact):
    """A person was assessed and agreed to be referred for at least one need.

    Restricted (S3): it carries need codes and criteria, and the referral service alone listens. `needs` holds
    `{"need_id", "code", "facts"}` for each need whose sharing was consented to or overridden.
    """

    TYPE: ClassVar[str] = "assessment.submitted.v1"
    SOURCE: ClassVar[str] = "/intake"
    SUBJECT_KIND: ClassVar[str] = "assessment"
    SUBJECT_FIELD: ClassVar[str] = "assessment_id"

    assessment_id: str
    person_id: str
    organization_id: str | None
    focal_point_id: str | None
    country: str
    locality: str
    age_band: str
    gender: str
    population_type: str
    assessed_at: str
    needs: list[dict[str, Any]]
    languages: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    accessibility: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    preferences: list[str] = field(default_factory=list)
    withheld_from: list[str] = field(default_factory=list)
    contact_allowed: bool = False
    household_size: int | None = None
    children: list[str] = field(default_factory=list)
    emergency_override: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Fact):
    """A person took a permission back. `scope` is `share`, `contact` or `all`."""

    TYPE: ClassVar[str] = "consent.withdrawn.v1"
    SOURCE: ClassVar[str] = "/intake"
    SUBJECT_KIND: ClassVar[str] = "person"
    SUBJECT_FIELD: ClassVar[str] = "person_id"

    person_id: str
    scope: str
    assessment_ids: list[str] = field(default_factory=list)
