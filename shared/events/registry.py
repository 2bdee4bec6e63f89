"""Who listens to what: one table for the whole system. Code that publishes names no subscriber."""

from __future__ import annotations

from shared.events.base import Fact
from shared.events.intake import AssessmentSubmitted, ConsentWithdrawn
from shared.events.notifications import CallRequested, ContactOptedOut, NotificationUpdated, OutcomeReported
from shared.events.referral import (
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
    NotificationUpdated: ("intake",),
    OutcomeReported: ("intake", "referral"),
    ContactOptedOut: ("intake",),
    CallRequested: ("intake",),
}

RESTRICTED_TO: dict[type[Fact], tuple[str, ...]] = {AssessmentSubmitted: ("referral",)}
"""Facts that carry restricted codes (S3), with the only services that may ever listen to them."""

BY_TYPE: dict[str, type[Fact]] = {fact.TYPE: fact for fact in SUBSCRIBERS}


def subscribers_of(fact: type[Fact]) -> tuple[str, ...]:
    """The services that receive `fact`. Raises KeyError for a fact that is not registered."""
    return SUBSCRIBERS[fact]
