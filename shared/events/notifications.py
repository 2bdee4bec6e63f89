"""Facts that the notifications service publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.events.base import Fact


@dataclass(frozen=True, kw_only=True)
class NotificationUpdated(Fact):
    """A notification moved on. `audience` is `person`, `organization`, `focal_point` or `coordinator`."""

    TYPE: ClassVar[str] = "notification.updated.v1"
    SOURCE: ClassVar[str] = "/notifications"
    SUBJECT_KIND: ClassVar[str] = "notification"
    SUBJECT_FIELD: ClassVar[str] = "notification_id"

    notification_id: str
    assessment_id: str | None
    referral_id: str | None
    audience: str
    template_id: str
    channel: str | None
    status: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeReported(Fact):
    """Somebody said what became of a referral. `source` is `person`, `provider` or `focal_point`."""

    TYPE: ClassVar[str] = "outcome.reported.v1"
    SOURCE: ClassVar[str] = "/notifications"
    SUBJECT_KIND: ClassVar[str] = "outcome"
    SUBJECT_FIELD: ClassVar[str] = "outcome_id"

    outcome_id: str
    referral_id: str
    assessment_id: str
    person_id: str
    outcome: str
    source: str
    follow_up: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContactOptedOut(Fact):
    """A person asked for no more messages on a channel."""

    TYPE: ClassVar[str] = "contact.opted_out.v1"
    SOURCE: ClassVar[str] = "/notifications"
    SUBJECT_KIND: ClassVar[str] = "opt_out"
    SUBJECT_FIELD: ClassVar[str] = "opt_out_id"

    opt_out_id: str
    person_id: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class CallRequested(Fact):
    """A human has to speak with the person, by `due_at`; `reason` is coded."""

    TYPE: ClassVar[str] = "call.requested.v1"
    SOURCE: ClassVar[str] = "/notifications"
    SUBJECT_KIND: ClassVar[str] = "call"
    SUBJECT_FIELD: ClassVar[str] = "call_id"

    call_id: str
    assessment_id: str | None
    referral_id: str | None
    person_id: str | None
    focal_point_id: str | None
    reason: str
    due_at: str


@dataclass(frozen=True, kw_only=True)
class CallClosed(Fact):
    """A call was made, or is no longer needed. `seq` is 2 when that was said in intake, 3 when here: whoever heard it
    first tells the other, and both may have."""

    TYPE: ClassVar[str] = "call.closed.v1"
    SOURCE: ClassVar[str] = "/notifications"
    SUBJECT_KIND: ClassVar[str] = "call"
    SUBJECT_FIELD: ClassVar[str] = "call_id"

    IN_INTAKE: ClassVar[int] = 2
    HERE: ClassVar[int] = 3

    call_id: str
    assessment_id: str | None
    result: str
