"""The restore drill: what was backed up comes back to the last row, and a message that may have gone out stays in."""

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.postgres import ADMIN
from deploy.local.operations.backup import back_up, backup
from deploy.local.operations.place import place_of
from deploy.local.operations.restore import put_back, restore
from services.notifications.operations.settling import settle_abandoned
from shared.clock import utc_now
from shared.database import make_engine
from tests.integration.operations.conftest import contents, run_sql


def test_what_was_backed_up_comes_back_to_the_last_row(data, folder):
    before = contents(data)
    done = CliRunner().invoke(backup, [str(folder / "copy"), "--data", str(data)], catch_exceptions=False)
    assert done.exit_code == 0
    assert (folder / "copy").stat().st_mode & 0o077 == 0
    run_sql(data, "DROP SCHEMA bus, notifications, identity, referral CASCADE; DROP TABLE intake.access")
    command = [str(folder / "copy"), "--yes", "--resume", "--data", str(data)]
    assert CliRunner().invoke(restore, command, catch_exceptions=False).exit_code == 0
    assert contents(data) == before
    assert run_sql(data, "SELECT subscriber, state, count(*) FROM bus.inbox GROUP BY 1, 2 ORDER BY 1") == [
        ("notifications", "due", 5),
        ("referral", "done", 5),
    ]
    assert run_sql(data, "SELECT count(*) FROM pg_database WHERE datname LIKE 'ruta%'") == [(1,)]


def test_after_it_the_services_may_work_and_still_read_no_others_tables(data, folder):
    back_up(folder / "copy", data)
    put_back(folder / "copy", data)
    rights = "has_table_privilege('ruta_{}', '{}', 'SELECT')"
    assert run_sql(data, f"SELECT {rights.format('referral', 'bus.inbox')}") == [(True,)]
    assert run_sql(data, f"SELECT {rights.format('notifications', 'notifications.notification')}") == [
        (True,)
    ]
    assert run_sql(data, f"SELECT {rights.format('referral', 'notifications.notification')}") == [(False,)]


def test_a_message_that_may_have_gone_out_since_is_not_sent_again_to_a_person(data, folder):
    back_up(folder / "copy", data)
    assert put_back(folder / "copy", data) == 1
    with EmbeddedStack(data, durable=False) as stack:
        engine = make_engine(stack.database_url("notifications"))
        with engine.begin() as conn:
            assert settle_abandoned(conn, now=utc_now()) == 1
        engine.dispose()
    query = "SELECT audience, status FROM notifications.notification ORDER BY audience"
    assert run_sql(data, query) == [("organization", "queued"), ("person", "unknown")]
    assert run_sql(data, "SELECT reason FROM notifications.call") == [("message_unknown",)]


def test_a_file_that_is_no_backup_changes_nothing(data, folder):
    before = contents(data)
    (folder / "copy").write_bytes(b"PGDMP and then nothing")
    with pytest.raises(StackError):
        put_back(folder / "copy", data)
    assert contents(data) == before


def test_a_backup_that_was_cut_off_changes_nothing(data, folder):
    back_up(folder / "copy", data)
    before = contents(data)
    whole = (folder / "copy").read_bytes()
    (folder / "copy").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StackError):
        put_back(folder / "copy", data)
    assert contents(data) == before


def test_a_backup_of_an_older_release_gets_the_schemas_of_this_one(data, folder):
    run_sql(data, "DROP SCHEMA identity CASCADE")
    back_up(folder / "copy", data)
    put_back(folder / "copy", data)
    assert run_sql(data, "SELECT to_regclass('identity.alembic_version') IS NOT NULL") == [(True,)]


def test_a_sound_backup_of_something_else_changes_nothing(data, folder):
    before = contents(data)
    with place_of(data) as place, place.connect() as server:
        server.execute("CREATE DATABASE other")
        place.on("other").run("pg_dump", "--format=custom", f"--file={folder / 'copy'}")
        server.execute("DROP DATABASE other")
    with pytest.raises(StackError, match="not a backup of Ruta"):
        put_back(folder / "copy", data)
    assert contents(data) == before


def test_a_backup_of_a_newer_release_changes_nothing(data, folder):
    run_sql(data, "UPDATE bus.alembic_version SET version_num = 'of_tomorrow'")
    back_up(folder / "copy", data)
    before = contents(data)
    with pytest.raises(StackError, match="newer"):
        put_back(folder / "copy", data)
    assert contents(data) == before


def test_a_folder_without_a_database_gives_no_backup(folder):
    with pytest.raises(StackError, match="no database"):
        back_up(folder / "copy", folder / "mistyped")
    assert list(folder.iterdir()) == []


def test_where_nothing_can_be_written_it_says_so(data, folder):
    with pytest.raises(StackError, match="Nothing can be written"):
        back_up(folder / "nowhere" / "copy", data)


@pytest.mark.parametrize("work", [back_up, put_back])
def test_where_a_server_is_meant_the_folder_is_not_taken_for_it(data, folder, monkeypatch, work):
    back_up(folder / "copy", data)
    monkeypatch.setenv("INTAKE_DATABASE_URL", "postgresql://ruta_intake@db.example.org/ruta")
    monkeypatch.delenv("MIGRATION_DATABASE_URL", raising=False)
    with pytest.raises(StackError, match="MIGRATION_DATABASE_URL"):
        work(folder / "copy", data)


def test_a_server_that_does_not_answer_is_said_in_one_sentence(folder, monkeypatch):
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/ruta")
    with pytest.raises(StackError, match="did not finish"):
        back_up(folder / "copy", folder)
    (folder / "copy").touch()
    with pytest.raises(StackError, match="does not answer"):
        put_back(folder / "copy", folder)


@pytest.fixture
def server(data, monkeypatch):
    """The folder's database as a server's, reached by MIGRATION_DATABASE_URL alone."""
    with EmbeddedStack(data, durable=False) as stack:
        password = stack.secrets["POSTGRES_ADMIN_PASSWORD"]
        url = make_url(stack.database_url("bus")).set(username=ADMIN, password=password)
        monkeypatch.setenv("MIGRATION_DATABASE_URL", url.render_as_string(hide_password=False))
        yield stack


def test_a_servers_database_is_backed_up_and_put_back_by_its_url(server, folder):
    back_up(folder / "copy", folder / "no data folder")
    before = contents(folder)
    run_sql(folder, "DROP SCHEMA bus CASCADE")
    assert put_back(folder / "copy", folder, resume=True) == 0
    assert contents(folder) == before


def test_while_a_service_is_connected_a_server_is_left_as_it_is(server, folder):
    back_up(folder / "copy", folder)
    before = contents(folder)
    engine = make_engine(server.database_url("intake"))
    with engine.connect(), pytest.raises(StackError, match="stop the services"):
        put_back(folder / "copy", folder)
    engine.dispose()
    assert contents(folder) == before
