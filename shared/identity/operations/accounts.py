"""What can be done with accounts and organizations. Callers bring the transaction and the time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from shared.errors import Conflict, FieldError, Invalid
from shared.identity import passwords, store, tokens
from shared.ids import is_id
from shared.web.actor import Actor

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,79}")
PEOPLE = ("focal_point", "provider", "coordinator", "admin")
MEMBERS = frozenset({"focal_point", "provider"})
"""Roles that make sense only inside an organization."""


@dataclass(frozen=True)
class NewAccount:
    """An account to make. `id` and `organization_id` are UUIDs; who belongs to an organization decides what it sees."""

    id: str
    username: str
    name: str
    role: str
    password: str
    organization_id: str | None = None
    locale: str = "es"
    must_change_password: bool = True


def create_account(conn: Connection, new: NewAccount, *, now: datetime) -> None:
    """Make an account. Raises Invalid with the fields that are wrong, Conflict (`username_taken`)."""
    _check_account(conn, new)
    if not store.add_account(conn, _account_values(new, now)):
        raise Conflict("Ese nombre de usuario ya existe.", code="username_taken")


def ensure_account(conn: Connection, new: NewAccount, *, now: datetime) -> str:
    """Make the account unless its user name exists already; the id it has. For samples that may be loaded again."""
    found = store.find_account(conn, new.username)
    if found is not None:
        return str(found["id"])
    create_account(conn, new, now=now)
    return new.id


def _account_values(new: NewAccount, now: datetime) -> dict[str, object]:
    return {
        "id": new.id,
        "username": new.username.lower(),
        "name": new.name,
        "role": new.role,
        "organization_id": new.organization_id,
        "locale": new.locale,
        "password_hash": passwords.hash_password(new.password),
        "must_change_password": new.must_change_password,
        "totp_last_step": 0,
        "created_at": now,
    }


def _check_account(conn: Connection, new: NewAccount) -> None:
    fields: dict[str, list[FieldError]] = {}
    if not USERNAME.fullmatch(new.username.lower()):
        fields["username"] = [
            FieldError("wrong_pattern", "Use de 3 a 80 letras sin tilde, números, puntos o guiones.")
        ]
    if new.role not in PEOPLE:
        fields["role"] = [FieldError("unknown_code", "Elija un rol de la lista.")]
    fields |= membership_errors(conn, new.role, new.organization_id) | _password_fields(
        new.password, new.username
    )
    if fields:
        raise Invalid("Hay datos por corregir.", fields=fields)


def membership_errors(
    conn: Connection, role: str, organization_id: str | None
) -> dict[str, list[FieldError]]:
    """What is wrong with belonging to `organization_id` in `role`, by field."""
    if organization_id is None:
        if role in MEMBERS:
            return {"organization_id": [FieldError("required", "Este rol necesita una organización.")]}
    elif not is_id(organization_id) or not store.has_organization(conn, organization_id):
        return {"organization_id": [FieldError("unknown_code", "No existe esa organización.")]}
    return {}


def _password_fields(password: str, username: str) -> dict[str, list[FieldError]]:
    if not passwords.MIN_LENGTH <= len(password) <= passwords.MAX_LENGTH:
        message = "La contraseña debe tener al menos %(min)s caracteres."
        return {"password": [FieldError("too_short", message, {"min": passwords.MIN_LENGTH})]}
    if username.lower() in password.lower() or len(set(password)) < 5:
        return {"password": [FieldError("too_easy", "La contraseña es demasiado fácil de adivinar.")]}
    return {}


def create_organization(conn: Connection, *, id: str, name: str, now: datetime) -> None:
    """Make an organization. Raises Invalid, Conflict (`name_taken`)."""
    if not name.strip() or len(name) > 200:
        raise Invalid(
            "Hay datos por corregir.", fields={"name": [FieldError("required", "Escriba un nombre.")]}
        )
    if not store.add_organization(conn, {"id": id, "name": name.strip(), "created_at": now}):
        raise Conflict("Esa organización ya existe.", code="name_taken")


def ensure_organization(conn: Connection, *, id: str, name: str, now: datetime) -> None:
    """Make the organization unless its id or name exists already."""
    store.add_organization(conn, {"id": id, "name": name.strip(), "created_at": now})


def change_password(
    conn: Connection, account: RowMapping, *, current: str, chosen: str, now: datetime
) -> None:
    """Set a new password and end every other session. Raises Invalid."""
    if not passwords.is_password(account["password_hash"], current):
        wrong = [FieldError("wrong_password", "La contraseña actual no es esa.")]
        raise Invalid("Hay datos por corregir.", fields={"current": wrong})
    choose_password(conn, account, chosen=chosen)
    _end_sessions(conn, account["id"], now=now)


def choose_password(conn: Connection, account: RowMapping, *, chosen: str) -> None:
    """Set a password that its owner chose. Raises Invalid, also for the one it had."""
    fields = _password_fields(chosen, account["username"])
    if not fields and passwords.is_password(account["password_hash"], chosen):
        fields = {"password": [FieldError("same_password", "Elija una contraseña distinta de la anterior.")]}
    if fields:
        raise Invalid("Hay datos por corregir.", fields={"chosen": fields["password"]})
    hashed = passwords.hash_password(chosen)
    store.change_account(conn, account["id"], password_hash=hashed, must_change_password=False)


def set_password(conn: Connection, account_id: str, *, chosen: str, now: datetime) -> None:
    """An administrator's reset: the person must choose another at the next sign-in. Raises Invalid, NotFound."""
    account = store.get_account(conn, account_id)
    fields = _password_fields(chosen, account["username"])
    if fields:
        raise Invalid("Hay datos por corregir.", fields=fields)
    hashed = passwords.hash_password(chosen)
    store.change_account(conn, account_id, password_hash=hashed, must_change_password=True)
    _end_sessions(conn, account_id, now=now)


def disable_account(conn: Connection, account_id: str, *, now: datetime) -> None:
    """Close the account and every session of it at once. Raises NotFound."""
    store.get_account(conn, account_id)
    store.change_account(conn, account_id, disabled_at=now)
    _end_sessions(conn, account_id, now=now)


def enable_account(conn: Connection, account_id: str) -> None:
    """Open a closed account again. Raises NotFound."""
    store.get_account(conn, account_id)
    store.change_account(conn, account_id, disabled_at=None)


def _end_sessions(conn: Connection, account_id: str, *, now: datetime) -> None:
    store.add_revocation(
        conn, account_id, revoked_at=now, expires_at=now + tokens.SESSION_LIFETIME + timedelta(minutes=1)
    )


def end_session(conn: Connection, actor: Actor, *, now: datetime) -> None:
    """Refuse this session's token from now on, wherever a copy of it may be."""
    store.add_revocation(conn, actor.token_id, revoked_at=now, expires_at=now + tokens.SESSION_LIFETIME)
