"""Who calls, and the signed token that says so.

Every service verifies tokens by itself with SECRET_KEY, so nobody has to be asked. Three uses, never
interchangeable: `session` (a person's cookie), `api` (a program's Bearer token), `service` (one of our own
services calling another, Bearer, minutes long).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared.errors import Unauthorized
from shared.ids import new_id

ISSUER = "ruta"
ROLES = frozenset({"focal_point", "provider", "coordinator", "admin", "service"})
MIN_SECRET_LENGTH = 32
SERVICE_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Actor:
    """Somebody, or some program, that is signed in."""

    account_id: str
    role: str
    organization_id: str | None = None
    name: str = ""
    locale: str = "es"
    token_id: str = ""
    use: str = "session"
    issued_at: datetime | None = None


def derived_key(secret_key: str, purpose: str) -> bytes:
    """32 bytes for one purpose, so that a leaked CSRF token or cookie says nothing about any other key.

    Raises ValueError when `secret_key` is shorter than 32 characters.
    """
    if len(secret_key) < MIN_SECRET_LENGTH:
        raise ValueError(f"SECRET_KEY needs at least {MIN_SECRET_LENGTH} characters")
    return hashlib.sha256(f"ruta:{purpose}:{secret_key}".encode()).digest()


def sign(actor: Actor, *, secret_key: str, now: datetime, lifetime: timedelta) -> str:
    """The signed token for `actor`, valid from `now` for `lifetime`."""
    claims = {
        "iss": ISSUER,
        "sub": actor.account_id,
        "jti": actor.token_id,
        "use": actor.use,
        "role": actor.role,
        "org": actor.organization_id,
        "name": actor.name,
        "locale": actor.locale,
        "iat": round(now.timestamp(), 3),
        "exp": int((now + lifetime).timestamp()),
    }
    return jwt.encode({"alg": "HS256"}, claims, _key(secret_key))


def service_token(name: str, *, secret_key: str, now: datetime) -> str:
    """A token with which the service `name` calls another one in the next five minutes (role `service`)."""
    caller = Actor(
        account_id=service_account_id(name), role="service", name=name, token_id=new_id(), use="service"
    )
    return sign(caller, secret_key=secret_key, now=now, lifetime=SERVICE_LIFETIME)


def service_account_id(name: str) -> str:
    """The fixed id under which a service appears as a caller."""
    return str(uuid5(NAMESPACE_URL, f"ruta:service:{name}"))


def verify(token: str, *, secret_key: str, uses: frozenset[str], now: datetime) -> Actor:
    """The actor that `token` names. Raises Unauthorized (`token_invalid`, `token_expired`) otherwise."""
    claims = _claims(token, secret_key)
    if claims is None or claims.get("use") not in uses or claims.get("role") not in ROLES:
        raise Unauthorized("La credencial no es válida.", code="token_invalid")
    if claims["exp"] <= now.timestamp():
        raise Unauthorized("La credencial venció.", code="token_expired")
    return Actor(
        account_id=claims["sub"],
        role=claims["role"],
        organization_id=claims.get("org"),
        name=claims.get("name") or "",
        locale=claims.get("locale") or "es",
        token_id=claims["jti"],
        use=claims["use"],
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
    )


@lru_cache(maxsize=8)
def _key(secret_key: str) -> OctKey:
    return OctKey.import_key(derived_key(secret_key, "token"))


@lru_cache(maxsize=4096)
def _claims(token: str, secret_key: str) -> Mapping[str, Any] | None:
    """The claims of a token whose signature and shape hold, else None. Cached: checking a signature costs more
    than many requests do. Expiry is checked by the caller, each time."""
    try:
        claims = jwt.decode(token, _key(secret_key), algorithms=["HS256"]).claims
    except (JoseError, ValueError, TypeError, KeyError, UnicodeError):
        return None
    shaped = (
        claims.get("iss") == ISSUER
        and all(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "jti", "use", "role"))
        and all(isinstance(claims.get(name), int | float) for name in ("iat", "exp"))
        and isinstance(claims.get("org"), str | None)
    )
    return claims if shaped else None
