"""Who listens to what: one table for the whole system. Code that publishes names no subscriber."""

from __future__ import annotations

from shared.events.base import LAST_URGENT, Fact
from shared.events.intake import AssessmentSubmitted, ConsentWithdrawn
from shared.events.notifications import (
    CallClosed,
    CallRequested,
    ContactOptedOut,
    NotificationUpdated,
    OutcomeReported,
)
from shared.events.referral import (
    ConsentPolicyScheduled,
    GapRecorded,
    ReferralAccepted,
    ReferralCancelled,
    ReferralClockMissed,
    ReferralCompleted,
    ReferralDrafted,
    ReferralFailed,
    ReferralHeld,
    ReferralReceived,
    ReferralRejected,
    ReferralRequested,
    ReferralStarted,
)

SUBSCRIBERS: dict[type[Fact], tuple[str, ...]] = {
    AssessmentSubmitted: ("referral",),
    ConsentWithdrawn: ("referral", "notifications"),
    ReferralDrafted: ("intake", "notifications"),
    ReferralRequested: ("intake", "notifications"),
    ReferralReceived: ("intake", "notifications"),
    ReferralAccepted: ("intake", "notifications"),
    ReferralRejected: ("intake", "notifications"),
    ReferralStarted: ("intake", "notifications"),
    ReferralHeld: ("intake", "notifications"),
    ReferralCompleted: ("intake", "notifications"),
    ReferralCancelled: ("intake", "notifications"),
    ReferralFailed: ("intake", "notifications"),
    ReferralClockMissed: ("intake", "notifications"),
    GapRecorded: ("intake", "notifications"),
    ConsentPolicyScheduled: ("intake",),
    NotificationUpdated: ("intake",),
    OutcomeReported: ("intake", "referral"),
    ContactOptedOut: ("intake",),
    CallRequested: ("intake",),
    CallClosed: ("intake", "notifications"),
}

RESTRICTED_TO: dict[type[Fact], tuple[str, ...]] = {AssessmentSubmitted: ("referral",)}
"""Facts that carry restricted codes (S3), with the only services that may ever listen to them."""

URGENT_LANE = frozenset({"referral", "notifications"})
"""Subscribers that act on urgent facts also beside the batch that they are in the middle of: on the way to help."""

BY_TYPE: dict[str, type[Fact]] = {fact.TYPE: fact for fact in SUBSCRIBERS}


def subscribers_of(fact: type[Fact]) -> tuple[str, ...]:
    """The services that receive `fact`. Raises KeyError for a fact that is not registered."""
    return SUBSCRIBERS[fact]


def has_urgent_lane(subscriber: str, priority: int) -> bool:
    """Whether `subscriber` has a lane of its own for a fact of `priority`."""
    return priority <= LAST_URGENT and subscriber in URGENT_LANE
