"""The referral as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referral.domain.clocks import Limits
from services.referral.domain.status import OPEN, Party, Situation, Status, situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One organization is asked to meet one need with one service.

    `version` counts every change and is the `seq` of its fact; `settled` is the version of the last step that makes
    an older view stale. `since`, `due_at` and `marked` drive the clock: when the wait began, when it ends, and the
    last mark that has passed; `limits` are those of the pathway that made the referral. `deadline_hours` counts from
    `created_at` and gives `needed_by`. `route` is what the routing row asked for, to ask the next one for the same; a
    draft whose route has `waits_for` or `deferred` is sent by itself when its turn comes. Times carry an offset.
    """

    id: str
    assessment_id: str
    person_id: str
    need_id: str
    need_code: str
    service_type: str
    sensitivity: str
    priority: int
    mode: str
    route: Mapping[str, Any]
    organization_id: str
    service_id: str
    referring_organization_id: str | None
    focal_point_id: str | None
    country: str
    locality: str
    age_band: str
    gender: str
    languages: tuple[str, ...]
    contact_allowed: bool
    status: Status
    limits: Limits
    deadline_hours: float
    needed_by: datetime
    created_at: datetime
    changed_at: datetime
    since: datetime
    marked: datetime
    due_at: datetime | None = None
    reason: str | None = None
    held_from: Status | None = None
    decide_due: datetime | None = None
    decide_since: datetime | None = None
    paused: bool = False
    turn: Party = Party.NONE
    version: int = 1
    settled: int = 1
    attempt: int = 1
    predecessor_id: str | None = None
    successor_id: str | None = None
    appointment_at: datetime | None = None
    outcome: str | None = None
    escalated_to: Party | None = None
    escalated_at: datetime | None = None

    @property
    def situation(self) -> Situation:
        return situation(self.status, self.reason)

    @property
    def waiting(self) -> bool:
        """A draft that waits for another step of the same person, not for somebody's confirmation."""
        return self.status is Status.DRAFT and bool(self.route.get("waits_for") or self.route.get("deferred"))

    @property
    def open(self) -> bool:
        return self.status in OPEN
