"""What the intake service listens to: which fact, which operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from services.intake.operations import consent_rules, following
from shared.bus import Handler, Received
from shared.events import Fact
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


def _with(operation: Callable[[Connection, Sequence[Any]], None]) -> Handler:
    def handle(conn: Connection, events: Sequence[Received]) -> None:
        operation(conn, [(event.time, event.fact) for event in events])

    return handle


HANDLERS: dict[type[Fact], Handler] = {
    ReferralDrafted: _with(following.follow_referrals),
    ReferralRequested: _with(following.follow_referrals),
    ReferralReceived: _with(following.follow_referrals),
    ReferralAccepted: _with(following.follow_referrals),
    ReferralRejected: _with(following.follow_referrals),
    ReferralStarted: _with(following.follow_referrals),
    ReferralHeld: _with(following.follow_referrals),
    ReferralCompleted: _with(following.follow_referrals),
    ReferralCancelled: _with(following.follow_referrals),
    ReferralFailed: _with(following.follow_referrals),
    ReferralClockMissed: _with(following.follow_referrals),
    GapRecorded: _with(following.follow_gaps),
    ConsentPolicyScheduled: _with(consent_rules.keep),
    NotificationUpdated: _with(following.follow_messages),
    OutcomeReported: _with(following.follow_outcomes),
    ContactOptedOut: _with(following.follow_opt_outs),
    CallRequested: _with(following.follow_calls),
    CallClosed: _with(following.follow_closed_calls),
}
