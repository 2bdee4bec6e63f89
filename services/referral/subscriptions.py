"""What the referral service listens to: which fact, which operation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from services.referral.operations import consent, outcomes
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from shared.bus import Handler, Received
from shared.clock import utc_now
from shared.events import Fact
from shared.events.intake import AssessmentSubmitted, ConsentWithdrawn
from shared.events.notifications import OutcomeReported

ROUTER = Router(Catalogue())
"""The rules and the directory of this process."""


def route(conn: Connection, events: Sequence[Received]) -> None:
    ROUTER.route(conn, events, now=utc_now())


def withdraw(conn: Connection, events: Sequence[Received]) -> None:
    consent.withdraw(conn, events, now=utc_now())


HANDLERS: dict[type[Fact], Handler] = {
    AssessmentSubmitted: route,
    ConsentWithdrawn: withdraw,
    OutcomeReported: outcomes.keep_outcomes,
}
