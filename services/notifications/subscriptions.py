"""What the notifications service listens to: which fact, which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from services.notifications.operations import calling, telling
from shared.bus import Handler, Received
from shared.events import Fact
from shared.events.intake import ConsentWithdrawn
from shared.events.notifications import CallClosed
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

A_DAY = timedelta(days=1)


def nobody(conn: Connection, events: Sequence[Received]) -> None:
    """Nobody has to be told; only whose needs are restricted is remembered."""
    telling.remember_restricted(conn, events, now=events[0].time)


def make_handlers(day: timedelta = A_DAY) -> Mapping[type[Fact], Handler]:
    """One handler per fact. `day` is how long a day of a check lasts."""
    ask: Callable[..., Any] = telling.ask_focal_point
    return {
        ReferralDrafted: partial(ask, reason="confirm_referral"),
        ReferralRequested: telling.tell_of_requests,
        ReferralReceived: nobody,
        ReferralAccepted: partial(telling.tell_of_acceptance, day=day),
        ReferralRejected: telling.tell_of_end,
        ReferralStarted: nobody,
        ReferralHeld: partial(ask, reason="answer_provider"),
        ReferralCompleted: partial(telling.tell_of_completion, day=day),
        ReferralCancelled: telling.tell_of_end,
        ReferralFailed: telling.tell_of_end,
        ReferralClockMissed: telling.tell_of_missed_clocks,
        GapRecorded: telling.tell_of_gaps,
        ConsentWithdrawn: telling.fall_silent,
        CallClosed: calling.strike_out,
    }


HANDLERS: Mapping[type[Fact], Handler] = make_handlers()
