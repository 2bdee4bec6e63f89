"""Making signed tokens for people, programs and our own services. `verify` needs nothing but the secret key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.clock import utc_now
from shared.web import actor as signing
from shared.web.actor import Actor, service_account_id

SESSION_LIFETIME = timedelta(hours=12)
API_LIFETIME = timedelta(days=365)
__all__ = ["Actor", "mint", "mint_service_token", "service_account_id", "service_headers", "verify"]

ANY_USE = frozenset({"session", "api", "service"})


def mint(
    actor: Actor, *, secret_key: str, now: datetime | None = None, lifetime: timedelta = API_LIFETIME
) -> str:
    """A signed token for `actor`, whose `use` says what it is good for."""
    return signing.sign(actor, secret_key=secret_key, now=now or utc_now(), lifetime=lifetime)


def mint_service_token(name: str, *, secret_key: str, now: datetime | None = None) -> str:
    """A token with which the service `name` calls another one in the next five minutes (role `service`)."""
    return signing.service_token(name, secret_key=secret_key, now=now or utc_now())


def service_headers(
    name: str, *, secret_key: str, correlation_id: str | None = None, now: datetime | None = None
) -> Mapping[str, str]:
    """Headers for a call from service `name` to another one."""
    headers = {"Authorization": f"Bearer {mint_service_token(name, secret_key=secret_key, now=now)}"}
    return headers | ({"X-Correlation-Id": correlation_id} if correlation_id else {})


def verify(token: str, *, secret_key: str, now: datetime | None = None) -> Actor:
    """The actor that `token` names. Raises `shared.errors.Unauthorized` for one forged, expired or malformed."""
    return signing.verify(token, secret_key=secret_key, uses=ANY_USE, now=now or utc_now())
