"""Making signed tokens for people, programs and our own services. `verify` needs nothing but the secret key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from shared.clock import utc_now
from shared.ids import new_id
from shared.web import actor as signing
from shared.web.actor import Actor

SESSION_LIFETIME = timedelta(hours=12)
SERVICE_LIFETIME = timedelta(minutes=5)
API_LIFETIME = timedelta(days=365)
ANY_USE = frozenset({"session", "api", "service"})


def mint(
    actor: Actor, *, secret_key: str, now: datetime | None = None, lifetime: timedelta = API_LIFETIME
) -> str:
    """A signed token for `actor`, whose `use` says what it is good for."""
    return signing.sign(actor, secret_key=secret_key, now=now or utc_now(), lifetime=lifetime)


def mint_service_token(name: str, *, secret_key: str, now: datetime | None = None) -> str:
    """A token with which the service `name` calls another one in the next five minutes (role `service`)."""
    caller = Actor(
        account_id=service_account_id(name), role="service", name=name, token_id=new_id(), use="service"
    )
    return mint(caller, secret_key=secret_key, now=now, lifetime=SERVICE_LIFETIME)


def service_headers(
    name: str, *, secret_key: str, correlation_id: str | None = None, now: datetime | None = None
) -> Mapping[str, str]:
    """Headers for a call from service `name` to another one."""
    headers = {"Authorization": f"Bearer {mint_service_token(name, secret_key=secret_key, now=now)}"}
    return headers | ({"X-Correlation-Id": correlation_id} if correlation_id else {})


def service_account_id(name: str) -> str:
    """The fixed id under which a service appears as a caller."""
    return str(uuid5(NAMESPACE_URL, f"ruta:service:{name}"))


def verify(token: str, *, secret_key: str, now: datetime | None = None) -> Actor:
    """The actor that `token` names. Raises `shared.errors.Unauthorized` for one forged, expired or malformed."""
    return signing.verify(token, secret_key=secret_key, uses=ANY_USE, now=now or utc_now())
