"""Names of organizations, from the referral service's directory, for pages. Kept for a few minutes.

A name is a comfort, never a need: while the directory is away, pages do without.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from shared import logs
from shared.clock import utc_now
from shared.identity.tokens import service_headers
from shared.outbound import OutboundError, call, make_session

FRESH_SECONDS = 300.0
PAUSE_AFTER_FAILURE = 15.0
READ_SECONDS = 2.0
PAGE = 200
MOST_PAGES = 25

log = logs.get("intake.directory")


class Directory:
    """Thread-safe. Asks with a service token made for each call."""

    def __init__(self, *, url: str, secret_key: str) -> None:
        self._url = f"{url.rstrip('/')}/referral/api/v1/organizations"
        self._secret_key = secret_key
        self._session = make_session(pool_size=2)
        self._names: dict[str, str] = {}
        self._again_at = 0.0
        self._asking = threading.Lock()

    def names(self) -> Mapping[str, str]:
        """Organization id → name, as far as known."""
        if time.monotonic() >= self._again_at and self._asking.acquire(blocking=False):
            try:
                self._names = self._read()
                self._again_at = time.monotonic() + FRESH_SECONDS
            except (OutboundError, requests.exceptions.JSONDecodeError, KeyError, TypeError) as error:
                log.warning("directory_away", error_class=type(error).__name__)
                self._again_at = time.monotonic() + PAUSE_AFTER_FAILURE
            finally:
                self._asking.release()
        return self._names

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        after: str | None = None
        for _ in range(MOST_PAGES):
            answer = self._ask({"limit": str(PAGE), **({"after": after} if after else {})})
            found |= {one["id"]: one["name"] for one in answer["items"]}
            after = answer["next"]
            if after is None:
                break
        return found

    def _ask(self, query: Mapping[str, str]) -> Any:
        headers = service_headers("intake", secret_key=self._secret_key, now=utc_now())
        response = call(
            self._session, "GET", self._url, params=query, headers=headers, read_seconds=READ_SECONDS
        )
        if response.status_code != 200:
            raise OutboundError(
                f"answered {response.status_code}", retryable=False, status=response.status_code
            )
        return response.json()
