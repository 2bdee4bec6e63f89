"""A data folder of its own with a bit of everything in it, not running."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.schemas import migrate_all
from deploy.local.operations.place import place_of
from shared.bus import Inbox, drain, publish, transaction
from shared.clock import utc_now
from shared.database import make_engine
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id

NOTIFICATION = text(
    """
    INSERT INTO notifications.notification (id, dedupe_key, audience, template_id, variables, person_id, sensitivity,
      priority, status, due_at, created_at, updated_at)
    VALUES (:id, CAST(CAST(:id AS uuid) AS text), :audience, 'N01', '{}', :id, 'S1', 2, 'queued', :now, :now, :now)
    """
)
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('intake', 'referral', 'notifications', 'identity', 'bus') ORDER BY 1
"""


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="ruta-operations-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def filled():
    """Five events, of which the referral service has acted on all and the notifications service on none; one message
    to a person and one to an organization in the queue."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-operations-"))
    with EmbeddedStack(folder / "data", durable=False) as stack:
        migrate_all(stack)
        engines = {
            name: make_engine(stack.database_url(name)) for name in ("intake", "referral", "notifications")
        }
        with transaction(engines["intake"]) as conn:
            facts = [ConsentWithdrawn(person_id=new_id(), scope="share", seq=1) for _ in range(5)]
            publish(conn, facts, now=utc_now())
        drain(Inbox(engines["referral"], "referral", {ConsentWithdrawn: lambda conn, events: None}))
        with engines["notifications"].begin() as conn:
            for audience in ("person", "organization"):
                conn.execute(NOTIFICATION, {"id": new_id(), "audience": audience, "now": utc_now()})
        for engine in engines.values():
            engine.dispose()
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data(filled, folder):
    """A copy of the filled folder, not running."""
    subprocess.run(["cp", "-a", str(filled), str(folder / "data")], check=True)
    return folder / "data"


def contents(data):
    """Every table with its number of rows and a digest of them."""
    with place_of(data) as place, place.connect() as conn:
        tables = [table for (table,) in conn.execute(TABLES).fetchall()]
        digest = "count(*), md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), ''))"
        return {table: conn.execute(f"SELECT {digest} FROM {table} t").fetchone() for table in tables}


def run_sql(data, query):
    with place_of(data) as place, place.connect() as conn:
        found = conn.execute(query)
        return found.fetchall() if found.description else found.rowcount
