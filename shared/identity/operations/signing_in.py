"""Signing in: password, then a single-use code where one is set up, never faster than a person tries.

Failures are counted per user name and per address, whether or not such an account exists, and every refusal says the
same: nobody learns which accounts there are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from shared import logs
from shared.errors import AppError, Conflict
from shared.identity import passwords, store, tokens
from shared.ids import new_id
from shared.web.actor import Actor

log = logs.get("identity")

WINDOW = timedelta(minutes=1)
SLOT = timedelta(seconds=5)
"""Failures are counted in slots this long; the window is a minute, and never less."""
LIMITS = {"account": 6, "address": 30, "everyone": 300}
"""Failed sign-ins in a minute after which no more are looked at, so that guessing stays slow and hashing cheap."""
WITH_CODE = frozenset({"coordinator", "admin"})


class WrongCredentials(AppError):
    """The name, the password or the code is wrong. Which one is not said."""

    status = 422
    code = "wrong_credentials"


class TooManyAttempts(AppError):
    """Too many failures for this account or from this address in the last minute."""

    status = 429
    code = "too_many_attempts"


@dataclass(frozen=True)
class Attempt:
    """Somebody at the door: the name they gave and the address they come from."""

    username: str
    address: str

    @property
    def buckets(self) -> dict[str, str]:
        """Where a failure of theirs counts. Names and addresses are kept as hashes only."""
        return {
            "account": _hashed("account", self.username.lower()),
            "address": _hashed("address", self.address),
            "everyone": "everyone",
        }


def _hashed(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def _slot(moment: datetime) -> datetime:
    return moment - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % SLOT


def refuse_if_too_many(conn: Connection, attempt: Attempt, *, now: datetime) -> None:
    """Raises TooManyAttempts."""
    buckets = attempt.buckets
    counted = store.count_failures(conn, list(buckets.values()), since=_slot(now - WINDOW) - SLOT)
    if any(counted.get(bucket, 0) >= LIMITS[kind] for kind, bucket in buckets.items()):
        log.info("sign_in_refused", reason="too_many_attempts")
        raise TooManyAttempts("Demasiados intentos. Espere un minuto.")


def count_failure(conn: Connection, attempt: Attempt, *, now: datetime) -> None:
    """To be committed even though the sign-in fails."""
    store.add_failures(conn, list(attempt.buckets.values()), slot=_slot(now))


def check_password(conn: Connection, attempt: Attempt, password: str) -> RowMapping:
    """The account whose name and password these are. Raises WrongCredentials."""
    account = store.find_account(conn, attempt.username)
    stored = account["password_hash"] if account is not None else None
    right = passwords.is_password(stored, password)
    if account is None or not right or account["disabled_at"] is not None:
        log.info("sign_in_refused", reason="wrong_credentials")
        raise WrongCredentials("El nombre de usuario o la contraseña no coinciden.")
    return account


def check_code(conn: Connection, account: RowMapping, code: str, *, secret_key: str, now: datetime) -> None:
    """Use up a code of the account's authenticator. Raises WrongCredentials, also for a code used before."""
    if account["totp_secret"] is None:
        raise WrongCredentials("El código no es válido. Espere el siguiente y pruebe otra vez.")
    secret = passwords.unseal(account["totp_secret"], account_id=account["id"], secret_key=secret_key)
    step = passwords.totp_step(secret, code, now=now, after=account["totp_last_step"])
    if step is None or not store.use_totp_step(conn, account["id"], step):
        raise WrongCredentials("El código no es válido. Espere el siguiente y pruebe otra vez.")


def next_step(account: RowMapping, *, passed: str, codes_required: bool) -> str:
    """What is left after `passed` (`password` or `code`): `code`, `enrol` (a code is required, none is set up),
    `password` (the one it has was set by somebody else) or `done`."""
    if passed == "password":
        if account["totp_confirmed_at"] is not None:
            return "code"
        if codes_required and account["role"] in WITH_CODE:
            return "enrol"
    return "password" if account["must_change_password"] else "done"


def begin_enrolment(conn: Connection, account: RowMapping, *, secret_key: str) -> str:
    """A fresh secret, kept but not yet in force; the one begun before while it is not confirmed.

    Raises Conflict when one is in force.
    """
    if account["totp_confirmed_at"] is not None:
        raise Conflict("La verificación en dos pasos ya está activa.", code="totp_active")
    if account["totp_secret"] is not None:
        return passwords.unseal(account["totp_secret"], account_id=account["id"], secret_key=secret_key)
    secret = passwords.new_totp_secret()
    sealed = passwords.seal(secret, account_id=account["id"], secret_key=secret_key)
    store.change_account(conn, account["id"], totp_secret=sealed, totp_last_step=0)
    return secret


def confirm_enrolment(
    conn: Connection, account: RowMapping, code: str, *, secret_key: str, now: datetime
) -> None:
    """Put the secret in force once a code of it was seen. Raises WrongCredentials."""
    check_code(conn, account, code, secret_key=secret_key, now=now)
    store.change_account(conn, account["id"], totp_confirmed_at=now)


def remove_code(conn: Connection, account_id: str) -> None:
    """Forget the authenticator, e.g. when the phone is lost. Raises NotFound."""
    store.get_account(conn, account_id)
    store.change_account(conn, account_id, totp_secret=None, totp_confirmed_at=None, totp_last_step=0)


def open_session(
    conn: Connection, account: RowMapping, *, attempt: Attempt, secret_key: str, now: datetime
) -> str:
    """The signed session token of somebody who passed every step."""
    store.forget_failures(conn, bucket=attempt.buckets["account"], before=now - 2 * WINDOW)
    store.change_account(conn, account["id"], signed_in_at=now)
    log.info("signed_in", account_id=account["id"], role=account["role"])
    actor = replace(actor_of(account), token_id=new_id(), use="session")
    return tokens.mint(actor, secret_key=secret_key, now=now, lifetime=tokens.SESSION_LIFETIME)


def actor_of(account: RowMapping) -> Actor:
    """Who an account is, without a token yet."""
    return Actor(
        account_id=account["id"],
        role=account["role"],
        organization_id=account["organization_id"],
        name=account["name"],
        locale=account["locale"],
    )
