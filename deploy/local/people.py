"""The accounts database, for commands that make accounts and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from deploy.local.environment import settings_for
from shared.database import make_engine
from shared.errors import FieldError, Invalid
from shared.identity import store


@contextmanager
def people(data: Path) -> Iterator[tuple[Connection, str]]:
    """One transaction on the accounts, and the key that signs."""
    with settings_for(data) as settings:
        engine = make_engine(settings["IDENTITY_DATABASE_URL"], pool_size=1, application="ruta accounts")
        try:
            with engine.begin() as conn:
                yield conn, settings["SECRET_KEY"]
        finally:
            engine.dispose()


def organization_of(conn: Connection, name_or_id: str | None) -> str | None:
    """The id of the organization with this name or id; None for None. Raises Invalid when there is none."""
    if name_or_id is None:
        return None
    known = {str(row["id"]) for row in store.organizations(conn)}
    found = name_or_id if name_or_id in known else store.find_organization(conn, name_or_id)
    if found is None:
        error = FieldError("organization_not_found", "No hay una organización con ese nombre.")
        raise Invalid("Hay datos por corregir.", fields={"organization": [error]})
    return found
