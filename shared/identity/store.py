"""Reading and writing schema `identity`. The only module that knows its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql

from shared.errors import NotFound
from shared.identity.tables import account, api_token, failure, organization, revocation
from shared.web.paging import keyset


def find_account(conn: Connection, username: str) -> RowMapping | None:
    """The account with this user name."""
    return (
        conn.execute(select(account).where(account.c.username == username.lower())).mappings().one_or_none()
    )


def get_account(conn: Connection, account_id: str) -> RowMapping:
    """The account with this id. Raises NotFound."""
    row = conn.execute(select(account).where(account.c.id == account_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("No existe esa cuenta.")
    return row


def accounts(conn: Connection, *, after: Sequence[Any] | None, limit: int) -> Sequence[RowMapping]:
    """Accounts by user name with the name of their organization; one more than `limit` if others follow."""
    query = select(account, organization.c.name.label("organization_name")).outerjoin(organization)
    return conn.execute(keyset(query, [account.c.username], after=after, limit=limit)).mappings().all()


def add_account(conn: Connection, values: Mapping[str, Any]) -> bool:
    """Insert; False when the user name or the id is taken."""
    statement = postgresql.insert(account).values(**values).on_conflict_do_nothing().returning(account.c.id)
    return conn.execute(statement).one_or_none() is not None


def change_account(conn: Connection, account_id: str, **values: Any) -> None:
    """Set columns of one account."""
    conn.execute(update(account).where(account.c.id == account_id).values(**values))


def use_totp_step(conn: Connection, account_id: str, step: int) -> bool:
    """Remember `step` as used; False when it or a later one was used already."""
    statement = (
        update(account)
        .where(account.c.id == account_id, account.c.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(account.c.id)
    )
    return conn.execute(statement).one_or_none() is not None


def organizations(conn: Connection) -> Sequence[RowMapping]:
    """Every organization by name, with how many accounts it has."""
    count = func.count(account.c.id).label("account_count")
    query = (
        select(organization, count)
        .outerjoin(account)
        .group_by(organization.c.id)
        .order_by(organization.c.name)
    )
    return conn.execute(query).mappings().all()


def has_organization(conn: Connection, organization_id: str) -> bool:
    """Whether an organization has this id."""
    query = select(organization.c.id).where(organization.c.id == organization_id)
    return conn.execute(query).one_or_none() is not None


def find_organization(conn: Connection, name: str) -> str | None:
    """The id of the organization with exactly this name or id."""
    query = select(organization.c.id).where(organization.c.name == name)
    return conn.execute(query).scalar_one_or_none()


def add_organization(conn: Connection, values: Mapping[str, Any]) -> bool:
    """Insert; False when the name or the id is taken."""
    statement = postgresql.insert(organization).values(**values).on_conflict_do_nothing()
    return conn.execute(statement.returning(organization.c.id)).one_or_none() is not None


def add_api_token(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(insert(api_token).values(**values))


def api_tokens(conn: Connection) -> Sequence[RowMapping]:
    """Every token, newest first, with the name of its organization. Never the token itself."""
    columns = [column for column in api_token.c if column.name != "token_hash"]
    query = (
        select(*columns, organization.c.name.label("organization_name"))
        .select_from(api_token.outerjoin(organization))
        .order_by(api_token.c.id.desc())
        .limit(500)
    )
    return conn.execute(query).mappings().all()


def revoke_api_token(conn: Connection, token_id: str, *, now: datetime) -> datetime:
    """Mark it revoked; returns until when it would have held. Raises NotFound."""
    statement = (
        update(api_token)
        .where(api_token.c.id == token_id)
        .values(revoked_at=func.coalesce(api_token.c.revoked_at, now))
        .returning(api_token.c.expires_at)
    )
    expires_at: datetime | None = conn.execute(statement).scalar_one_or_none()
    if expires_at is None:
        raise NotFound("No existe esa credencial.")
    return expires_at


def add_revocation(conn: Connection, subject: str, *, revoked_at: datetime, expires_at: datetime) -> None:
    """Refuse tokens of `subject` (a token's or an account's id) signed up to `revoked_at`, until they expire anyway."""
    statement = postgresql.insert(revocation).values(
        subject=subject, revoked_at=revoked_at, expires_at=expires_at
    )
    changed = {"revoked_at": statement.excluded.revoked_at, "expires_at": statement.excluded.expires_at}
    conn.execute(statement.on_conflict_do_update(index_elements=["subject"], set_=changed))


def revocations(conn: Connection, *, now: datetime) -> Sequence[RowMapping]:
    """What must be refused now."""
    return conn.execute(select(revocation).where(revocation.c.expires_at > now)).mappings().all()


def count_failures(conn: Connection, buckets: Sequence[str], *, since: datetime) -> Mapping[str, int]:
    """Failed sign-ins in each bucket since then."""
    query = (
        select(failure.c.bucket, func.sum(failure.c.count).label("total"))
        .where(failure.c.bucket.in_(buckets), failure.c.slot > since)
        .group_by(failure.c.bucket)
    )
    return {row.bucket: int(row.total) for row in conn.execute(query)}


def add_failures(conn: Connection, buckets: Sequence[str], *, slot: datetime) -> None:
    """Count one failed sign-in in each bucket."""
    rows = [{"bucket": bucket, "slot": slot, "count": 1} for bucket in sorted(buckets)]
    statement = postgresql.insert(failure).values(rows)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["bucket", "slot"], set_={"count": failure.c.count + 1}
        )
    )


def forget_failures(conn: Connection, *, bucket: str, before: datetime) -> None:
    """Clear one bucket, and everything older than `before`."""
    conn.execute(delete(failure).where(or_(failure.c.bucket == bucket, failure.c.slot < before)))
