"""Migrations go up, down and up again, and a directory that was there before its history has a first line."""

from pathlib import Path

import pytest
from sqlalchemy import text

from services.referral.operations import past
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.directory import import_hsds
from services.referral.store import directory as store
from shared.database import make_engine, migrate
from shared.errors import NotFound
from tests.integration.referral.test_directory_history import same
from tests.integration.referral.world import NOW, a_service, an_id

VERSIONS = Path(__file__).parents[3] / "services" / "referral" / "migrations" / "versions"
SINCE_THE_HISTORY = [one for one in VERSIONS.glob("[0-9]*.py") if one.name >= "0005"]


@pytest.fixture
def empty_database(stack):
    """A database of its own, dropped afterwards."""
    admin = stack.engine("admin").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text("DROP DATABASE IF EXISTS referral_migrations"))
        conn.execute(text("CREATE DATABASE referral_migrations"))
    url = admin.url.set(drivername="postgresql", database="referral_migrations")
    yield url.render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(text("DROP DATABASE referral_migrations WITH (FORCE)"))


@pytest.fixture
def engine(empty_database):
    made = make_engine(empty_database)
    yield made
    made.dispose()


def test_what_was_there_before_the_history_gets_its_first_line(empty_database, engine):
    for revision in ("head", "base", "head"):
        migrate(empty_database, "services.referral", revision=revision)
    places = [{"id": an_id("c"), "available": 2, "updated": "2026-03-02T08:00:00-05:00"}]
    with engine.begin() as conn:
        import_hsds(
            conn, [a_service("Legal", "LEG_MIG", capacities=places), a_service("Casa", "SAFE")], now=NOW
        )
        store.take_place(conn, an_id("service Legal"), version=store.next_version(conn, now=NOW))
    migrate(empty_database, "services.referral", revision=f"-{len(SINCE_THE_HISTORY)}")
    migrate(empty_database, "services.referral", revision="head")
    with engine.begin() as conn:
        now = Catalogue().snapshot(conn, now=NOW)
        assert now.services[an_id("service Legal")].capacity.available == 1
        assert same(past.directory_at(conn, now.version), now)
        lines = conn.execute(text("SELECT kind, count(*) AS n FROM referral.directory_history GROUP BY kind"))
        assert {row.kind: row.n for row in lines} == {"organization": 2, "service": 2, "capacity": 1}
        with pytest.raises(NotFound):
            past.directory_at(conn, now.version - 1)
    with engine.begin() as conn:
        import_hsds(conn, [a_service("Casa", "SAFE", status="defunct")], now=NOW)
    with engine.begin() as conn:
        assert same(past.directory_at(conn, now.version), now)
