"""Facts that the referral service publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.base import Fact


@dataclass(frozen=True, kw_only=True)
class ReferralFact(Fact):
    """What every fact about a referral tells. `seq` is the referral's version.

    `service_type` is None for a restricted (S3) referral: the kind of help would reveal the need. `turn` says who
    has to act next (`provider`, `focal_point`, `coordinator`, `person`, `none`) and `due_at` by when.
    """

    SOURCE: ClassVar[str] = "/referral"
    SUBJECT_KIND: ClassVar[str] = "referral"
    SUBJECT_FIELD: ClassVar[str] = "referral_id"

    referral_id: str
    assessment_id: str
    person_id: str
    need_id: str
    organization_id: str | None
    service_id: str | None
    referring_organization_id: str | None
    focal_point_id: str | None
    service_type: str | None
    status: str
    turn: str
    reason: str | None = None
    due_at: str | None = None
    predecessor_id: str | None = None
    contact_allowed: bool = False
    appointment_at: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class FollowedUp(ReferralFact):
    """A step from which the checks of the follow-up table count.

    `checks` is what the rules in force ask for from here on, an empty list for nothing; None when the rules did not
    say (a fact of a release before, or tables that gave no answer). Each check has an `id` of its own in the referral,
    `after_hours` from this fact, `mode` (`auto` or `call`), `ends_when_completed`, `who` asks (`focal_point`,
    `provider`, `coordinator`, `independent`; a release before did not tell), and unless the referral is restricted
    `template`, `outcome_if_yes` and `outcome_if_no`; its id is then that of the row.

    Of a restricted referral a check tells the hours, whether the provider calls or the focal point, and nothing else:
    every mode is `call`, and the id is made of those two. Somebody who knows the tables could guess the area from a
    whole list of hours, as she could from the ids of organization and service beside it; the need she could not. That
    is borne because a call cannot be due at no time, nor made by nobody: the list goes only to intake, which knows the
    need, and to notifications, which has to act on it; neither writes it to a log. Rounding would move safety calls,
    and every area would still have its own list.
    """

    checks: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralDrafted(ReferralFact):
    """A referral waits for a person to confirm it, e.g. a notice to an authority."""

    TYPE: ClassVar[str] = "referral.drafted.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralRequested(ReferralFact):
    """An organization was asked to help."""

    TYPE: ClassVar[str] = "referral.requested.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralReceived(ReferralFact):
    """Somebody at the organization has seen the referral."""

    TYPE: ClassVar[str] = "referral.received.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralAccepted(FollowedUp):
    """The organization will help; `appointment_at` when it gave one."""

    TYPE: ClassVar[str] = "referral.accepted.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralRejected(ReferralFact):
    """The organization will not help; `reason` is a rejection reason."""

    TYPE: ClassVar[str] = "referral.rejected.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralStarted(ReferralFact):
    """The organization met the person."""

    TYPE: ClassVar[str] = "referral.started.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralHeld(ReferralFact):
    """The referral waits: `waitlisted`, `info_requested` or `no_contact`."""

    TYPE: ClassVar[str] = "referral.held.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralCompleted(FollowedUp):
    """The help was given; `outcome` says with what result."""

    TYPE: ClassVar[str] = "referral.completed.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralCancelled(ReferralFact):
    """The referral was taken back: `consent_withdrawn`, `declined_by_person`, `entered_in_error`."""

    TYPE: ClassVar[str] = "referral.cancelled.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralFailed(ReferralFact):
    """Nobody answered in time (`expired`) or it could not be handed over (`undeliverable`)."""

    TYPE: ClassVar[str] = "referral.failed.v1"


@dataclass(frozen=True, kw_only=True)
class ReferralClockMissed(ReferralFact):
    """A clock ran out or is about to: `clock` names it, `escalate_to` who must act now."""

    TYPE: ClassVar[str] = "referral.clock_missed.v1"

    clock: str
    escalate_to: str


@dataclass(frozen=True, kw_only=True)
class GapRecorded(Fact):
    """A need for which nobody reachable can give the service. `reason` is coded."""

    TYPE: ClassVar[str] = "gap.recorded.v1"
    SOURCE: ClassVar[str] = "/referral"
    SUBJECT_KIND: ClassVar[str] = "gap"
    SUBJECT_FIELD: ClassVar[str] = "gap_id"

    gap_id: str
    assessment_id: str
    person_id: str
    need_id: str
    country: str
    locality: str
    service_type: str | None
    reason: str
    focal_point_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConsentPolicyScheduled(Fact):
    """Which rules of consent count when, whole: a later fact replaces all that an earlier one said.

    `periods` are oldest first; each counts until the next begins. `begins` is a time, or None for from ever. `rules`
    hold `{"countries", "ages", "child", "caregiver", "if_absent"}`: countries by code, `ages` the first and the last
    year of age, or None for a person whose age nobody knows; the answers are those of the table `consent_policy`. What
    no rule speaks of is as the packaged table says.
    """

    TYPE: ClassVar[str] = "consent_policy.scheduled.v1"
    SOURCE: ClassVar[str] = "/referral"
    SUBJECT_KIND: ClassVar[str] = "consent_policy"
    SUBJECT_FIELD: ClassVar[str] = "pathway"

    pathway: str
    periods: list[dict[str, Any]]
