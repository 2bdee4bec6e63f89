"""API tokens: made once, listed and revoked by name, never shown again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from shared.errors import FieldError, Invalid
from shared.identity import store, tokens
from shared.identity.operations.accounts import PEOPLE, membership_errors
from shared.ids import new_id
from shared.web.actor import Actor


@dataclass(frozen=True)
class NewToken:
    """An API token to make: what the program is called and what it may do."""

    name: str
    role: str
    organization_id: str | None = None
    lifetime: timedelta = tokens.API_LIFETIME


def create_api_token(conn: Connection, new: NewToken, *, secret_key: str, now: datetime) -> str:
    """Make an API token and return it; it is shown this once, only its hash is kept. Raises Invalid."""
    fields = membership_errors(conn, new.role, new.organization_id)
    if new.role not in PEOPLE:
        fields["role"] = [FieldError("unknown_code", "Elija un rol de la lista.")]
    if not new.name.strip():
        fields["name"] = [FieldError("required", "Escriba un nombre.")]
    if fields:
        raise Invalid("Hay datos por corregir.", fields=fields)
    token_id = new_id()
    actor = Actor(
        account_id=token_id,
        role=new.role,
        organization_id=new.organization_id,
        name=new.name.strip(),
        token_id=token_id,
        use="api",
    )
    token = tokens.mint(actor, secret_key=secret_key, now=now, lifetime=new.lifetime)
    values = {
        "id": token_id,
        "name": actor.name,
        "role": new.role,
        "organization_id": new.organization_id,
        "token_hash": hashlib.sha256(token.encode()).digest(),
        "created_at": now,
        "expires_at": now + new.lifetime,
    }
    store.add_api_token(conn, values)
    return token


def revoke_api_token(conn: Connection, token_id: str, *, now: datetime) -> None:
    """Refuse a token from now on. Raises NotFound."""
    expires_at = store.revoke_api_token(conn, token_id, now=now)
    store.add_revocation(conn, token_id, revoked_at=now, expires_at=expires_at)
