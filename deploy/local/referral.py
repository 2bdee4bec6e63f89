"""The referral service's operations, for commands that read what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from deploy.local.environment import names_a_server, settings_for
from deploy.local.remote import CannotRun
from deploy.local.terminal import either
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from shared.database import make_engine


@contextmanager
def referral_service(data: Path) -> Iterator[tuple[Connection, Router]]:
    """A connection to its database, and the rules and directory it decides by. Nothing is committed: to read only.

    Raises CannotRun for a folder in which no system ever ran: an empty one would answer that all is well."""
    if not (names_a_server() or data.is_dir()):
        raise CannotRun(
            either(f"En {data} no hay ningún sistema de Ruta.", f"There is no system of Ruta in {data}.")
        )
    with settings_for(data) as settings:
        engine = make_engine(settings["REFERRAL_DATABASE_URL"], pool_size=1, application="ruta")
        try:
            with engine.connect() as conn:
                yield conn, Router(Catalogue())
        finally:
            engine.dispose()
