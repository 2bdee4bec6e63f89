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
from shared.clock import parse_time, utc_now
from shared.web.actor import Actor, service_token

log = logs.get("web")
FRESH_SECONDS = 5.0
FIRST_SECONDS = 1.0


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
        self._keep_fresh()
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

    def _keep_fresh(self) -> None:
        """Read again beside the request when the copy is old; only the very first is waited for, a second at most."""
        first = self._read_at is None
        old = first or time.monotonic() - (self._read_at or 0.0) > self._fresh_seconds
        if old and self._reading.acquire(blocking=False):
            reader = threading.Thread(target=self._refresh_and_release, daemon=True)
            reader.start()
            if first:
                reader.join(FIRST_SECONDS)

    def _refresh_and_release(self) -> None:
        try:
            self.refresh()
        finally:
            self._reading.release()


def from_accounts(url: str, service: str, *, secret_key: str) -> Revoked:
    """The list as the accounts' web process at `url` gives it to the service called `service`."""
    session = outbound.make_session(pool_size=1)
    address = f"{url.rstrip('/')}/account/api/v1/revocations"

    def read() -> Mapping[str, datetime]:
        token = service_token(service, secret_key=secret_key, now=utc_now())
        headers = {"Authorization": f"Bearer {token}"}
        answer = outbound.call(session, "GET", address, read_seconds=3.0, headers=headers)
        answer.raise_for_status()
        return {one["subject"]: parse_time(one["revoked_at"]) for one in answer.json()["items"]}

    return Revoked(read)
