"""What people say became of a referral, kept beside what the provider says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from services.referral.store import outcomes as store
from shared.bus import Received


def keep_outcomes(conn: Connection, events: Sequence[Received]) -> None:
    """Store reported outcomes. One for a referral that is not here is left out; a repeat changes nothing."""
    store.add(
        conn,
        [
            {
                "id": event.fact.outcome_id,
                "referral_id": event.fact.referral_id,
                "outcome": event.fact.outcome,
                "source": event.fact.source,
                "follow_up": event.fact.follow_up,
                "at": event.time,
            }
            for event in events
        ],
    )
