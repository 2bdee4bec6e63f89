"""Tokens refused before they expire: sessions ended, accounts closed, credentials retired.

Every service keeps a copy of the short list, at most a few seconds old, so that no request waits for another service.
While the list cannot be had, the last copy counts: signatures and expiry are checked all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from shared import logs, outbound
from shared.clock import parse_time
from shared.identity.tokens import service_headers
from shared.web.actor import Actor

log = logs.get("identity")
FRESH_SECONDS = 5.0


class Revoked:
    """The list, read again in the background when it is older than five seconds."""

    def __init__(
        self, read: Callable[[], Mapping[str, datetime]], *, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        self._read = read
        self._fresh_seconds = fresh_seconds
        self._known: Mapping[str, datetime] = {}
        self._read_at: float | None = None
        self._reading = threading.Lock()

    def covers(self, actor: Actor) -> bool:
        """Whether `actor`'s token was retired after it was signed."""
        if actor.use == "service":
            return False
        if self._read_at is None:
            self.refresh()
        elif time.monotonic() - self._read_at > self._fresh_seconds:
            self._refresh_beside()
        if actor.token_id in self._known:
            return True
        since = self._known.get(actor.account_id)
        return since is not None and (actor.issued_at is None or actor.issued_at < since)

    def refresh(self) -> None:
        """Read the list now; keep the copy when it cannot be had."""
        try:
            self._known = self._read()
        except Exception as error:
            log.warning("revocations_unreadable", error_class=type(error).__name__)
        self._read_at = time.monotonic()

    def _refresh_beside(self) -> None:
        if self._reading.acquire(blocking=False):
            threading.Thread(target=self._refresh_and_release, daemon=True).start()

    def _refresh_and_release(self) -> None:
        try:
            self.refresh()
        finally:
            self._reading.release()


def from_accounts(public_url: str, service: str, *, secret_key: str) -> Revoked:
    """The list as `/account/api/v1/revocations` gives it to the service called `service`."""
    session = outbound.make_session(pool_size=1)

    def read() -> Mapping[str, datetime]:
        headers = service_headers(service, secret_key=secret_key)
        address = f"{public_url.rstrip('/')}/account/api/v1/revocations"
        answer = outbound.call(session, "GET", address, read_seconds=3.0, headers=headers)
        answer.raise_for_status()
        return {one["subject"]: parse_time(one["revoked_at"]) for one in answer.json()["items"]}

    return Revoked(read)
