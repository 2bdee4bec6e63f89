"""Calls towards other services and gateways: always a time-out, typed errors, no redirects, no proxies."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

CONNECT_SECONDS = 3.05


class OutboundError(Exception):
    """A call towards the outside failed.

    `retryable`: trying again later may help. `uncertain`: the other side may have acted although no answer came.
    The message carries no address and no body, so it may be logged.
    """

    def __init__(
        self, message: str, *, retryable: bool, uncertain: bool = False, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.uncertain = uncertain
        self.status = status


def make_session(*, pool_size: int = 8) -> requests.Session:
    """A keep-alive session for up to `pool_size` threads."""
    session = requests.Session()
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=pool_size, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def call(
    session: requests.Session, method: str, url: str, *, read_seconds: float = 10.0, **kwargs: Any
) -> requests.Response:
    """One request. Raises OutboundError for no connection (retryable), no answer in time (uncertain), 429 and 5xx
    (retryable). Other statuses are returned: their meaning is the caller's."""
    try:
        response = session.request(
            method, url, timeout=(CONNECT_SECONDS, read_seconds), allow_redirects=False, **kwargs
        )
    except requests.exceptions.ConnectTimeout as error:
        raise OutboundError("no connection in time", retryable=True) from error
    except requests.exceptions.ReadTimeout as error:
        raise OutboundError("no answer in time", retryable=True, uncertain=True) from error
    except requests.exceptions.ConnectionError as error:
        raise OutboundError(
            "connection failed", retryable=True, uncertain=_may_have_arrived(error)
        ) from error
    except requests.exceptions.RequestException as error:
        raise OutboundError(
            f"request failed: {type(error).__name__}", retryable=False, uncertain=True
        ) from error
    if response.status_code == 429 or response.status_code >= 500:
        raise OutboundError(
            f"answered {response.status_code}", retryable=True, uncertain=False, status=response.status_code
        )
    return response


def _may_have_arrived(error: requests.exceptions.ConnectionError) -> bool:
    """A refused or unresolved connection never carried the request; a reset one may have."""
    text = repr(error)
    return not ("NewConnectionError" in text or "NameResolutionError" in text or "Connection refused" in text)
