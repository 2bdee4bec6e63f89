"""The referral service's operations, for commands that read what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from deploy.local.environment import settings_for
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from shared.database import make_engine


@contextmanager
def referral_service(data: Path) -> Iterator[tuple[Connection, Router]]:
    """A connection to its database, and the rules and directory it decides by. Nothing is committed: to read only."""
    with settings_for(data) as settings:
        engine = make_engine(settings["REFERRAL_DATABASE_URL"], pool_size=1, application="ruta")
        try:
            with engine.connect() as conn:
                yield conn, Router(Catalogue())
        finally:
            engine.dispose()
