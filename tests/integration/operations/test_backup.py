"""The restore drill: what was backed up comes back to the last row, and a message that may have gone out stays in."""

import pytest
from click.testing import CliRunner

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.errors import StackError
from deploy.local.operations.backup import back_up, backup
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
