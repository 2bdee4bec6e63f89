"""Accounts of people who sign in at an OpenID Connect provider: theirs are made and kept as its claims say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from shared import logs
from shared.errors import Forbidden
from shared.identity import store
from shared.identity.operations.accounts import PEOPLE, membership_errors
from shared.ids import new_id
from shared.web.catalog import LANGUAGES

log = logs.get("identity")
ROLE_CLAIM = "ruta_role"
ORGANIZATION_CLAIM = "ruta_organization"


def account_from_claims(conn: Connection, claims: Mapping[str, Any], *, now: datetime) -> RowMapping:
    """The account behind checked claims, made or brought up to date.

    Raises Forbidden (`no_role`) without exactly one role of ours, without an organization where the role needs one, or
    when an administrator closed the account.
    """
    role, organization_id = claims.get(ROLE_CLAIM), claims.get(ORGANIZATION_CLAIM)
    if isinstance(role, list) and len(role) == 1:
        role = role[0]
    if role not in PEOPLE or not isinstance(organization_id, str | None):
        raise _no_role()
    if membership_errors(conn, role, organization_id):
        raise _no_role()
    username = _username(str(claims["iss"]), str(claims["sub"]))
    found = store.find_account(conn, username)
    values = {
        "name": str(claims.get("name") or claims.get("preferred_username") or username)[:120],
        "role": role,
        "organization_id": organization_id,
    }
    if found is None:
        store.add_account(conn, values | _fresh(username, str(claims.get("locale") or ""), now))
    elif found["disabled_at"] is not None:
        raise _no_role()
    else:
        store.change_account(conn, found["id"], **values)
    account = store.find_account(conn, username)
    assert account is not None
    return account


def _fresh(username: str, locale: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "username": username,
        "locale": locale[:2] if locale[:2] in LANGUAGES else "es",
        "password_hash": "",  # matches no password
        "must_change_password": False,
        "totp_last_step": 0,
        "created_at": now,
    }


def _username(issuer: str, subject: str) -> str:
    """Fixed for one person at one provider; nobody can choose it, so it cannot be that of another account."""
    return f"oidc:{hashlib.sha256(f'{issuer} {subject}'.encode()).hexdigest()[:24]}"


def _no_role() -> Forbidden:
    log.info("sign_in_refused", reason="no_role")
    return Forbidden("Su cuenta no tiene un rol en Ruta. Pida uno a quien la administra.", code="no_role")
