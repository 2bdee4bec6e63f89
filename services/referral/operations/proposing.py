"""Put a version before a second person, and approve it: only if nobody with a safety flag loses a protective route."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.publishing import NotAllowed, State, Version
from services.referral.operations import publishing
from services.referral.operations.publishing import Asked
from services.referral.operations.replaying import NOW, Extent, replay_version
from services.referral.operations.routing import Router

PROVEN = (State.PROVED, State.PROPOSED)
NEWEST = Extent(1_000, (NOW,))
"""The past cases that a version has to pass, with the directory as it is."""


class ReplayStops(NotAllowed):
    """The replay stops publishing; no exemption is possible."""

    code = "replay_stops"

    def __init__(self) -> None:
        super().__init__(
            "La simulación lo impide: alguien con señal de protección perdería una ruta que protege."
        )


def propose(conn: Connection, asked: Asked, *, router: Router) -> Version:
    """Put it before a second person. Raises ReplayStops, ProofOutdated."""
    _must_hold(conn, router, asked)
    return publishing.propose(conn, asked)


def approve(
    conn: Connection,
    asked: Asked,
    *,
    router: Router,
    live_from: datetime | None = None,
    live_until: datetime | None = None,
) -> Version:
    """Approve it; it decides from `live_from` on (at once by default). Raises ReplayStops, ProofOutdated: what decides
    now, who was assessed, and who gives help may have changed since it was proposed."""
    _must_hold(conn, router, asked)
    return publishing.approve(conn, asked, live_from=live_from, live_until=live_until)


def _must_hold(conn: Connection, router: Router, asked: Asked) -> None:
    """Raises ReplayStops or ProofOutdated: the directory may have changed since the version was proved."""
    if publishing.seen(conn, asked).state in PROVEN:
        publishing.still_proved(conn, asked, router.catalogue.snapshot(conn, now=asked.now))
    if replay_version(conn, router, asked.version_id, now=asked.now, extent=NEWEST).stops:
        raise ReplayStops
