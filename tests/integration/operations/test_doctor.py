"""`ruta doctor` finds the usual mistakes, each planted."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from deploy.local.commands.events import events
from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.errors import StackError
from deploy.local.environment import Address, forget_running, settings_of, write_running
from deploy.local.operations.checks import broker, database, machine
from deploy.local.operations.checks.finding import State
from deploy.local.operations.doctor import doctor, examine
from services.referral.domain.pathway_changes import RowChange
from services.referral.operations import watching
from shared.clock import utc_now
from shared.database import make_engine
from tests.integration.operations.conftest import run_sql


def states(findings):
    return {one.name: one.state for one in findings}


@pytest.fixture
def running(data):
    """The folder's servers run, and no process of ours does."""
    with EmbeddedStack(data, durable=False) as stack:
        write_running(data, settings_of(stack, Address("127.0.0.1", 8000)))
        yield stack
        forget_running(data)


def test_a_folder_that_does_not_run_is_examined_too(data):
    found = states(examine(data))
    assert found["running"] is State.WARN
    assert found["migrations"] is State.OK
    assert found["clock"] is State.OK
    assert found["rules"] is State.OK


def test_rules_that_lack_a_row_of_this_release_are_said(data, running, monkeypatch):
    row = RowChange("follow_up", "F-ANY-04", "added", "", "")
    monkeypatch.setattr(watching, "lacking", lambda conn, now: [row])
    (said,) = [one for one in examine(data) if one.name == "rules"]
    assert said.state is State.WARN
    assert "F-ANY-04" in said.english


def test_a_queue_without_a_worker_is_found_and_a_worker_seen(data, running):
    engine = make_engine(running.database_url("intake"), application="ruta intake worker")
    with engine.connect():
        found = states(examine(data))
    engine.dispose()
    assert found["worker intake"] is State.OK
    assert found["worker referral"] is State.FAIL


def test_the_command_says_what_to_do_and_ends_with_1(data, running, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    done = CliRunner().invoke(doctor, ["--data", str(data)])
    assert done.exit_code == 1
    assert "Start its worker" in done.output


def test_a_backlog_and_dead_letters_are_found(data, running):
    run_sql(data, "UPDATE bus.inbox SET due_at = now() - interval '1 minute' WHERE state = 'due'")
    run_sql(data, "UPDATE bus.inbox SET state = 'dead' WHERE subscriber = 'referral'")
    found = states(examine(data))
    assert found["queue notifications"] is State.WARN
    assert found["dead letters referral"] is State.WARN
    run_sql(data, "UPDATE bus.inbox SET due_at = now() - interval '1 hour' WHERE state = 'due'")
    assert states(examine(data))["queue notifications"] is State.FAIL


def test_a_schema_that_is_behind_is_found(data, running):
    run_sql(data, "UPDATE bus.alembic_version SET version_num = '0000'")
    assert states(examine(data))["migrations"] is State.FAIL


def test_a_database_that_is_away_is_said_in_one_line(data, running):
    running.postgres.stop()
    assert states(examine(data))["database"] is State.FAIL
    running.postgres.restart()
    running.postgres.wait_ready()


@pytest.mark.parametrize(
    ("skew", "state"), [(0, State.OK), (10, State.WARN), (-10, State.WARN), (120, State.FAIL)]
)
def test_clocks_that_differ_are_found(stack, skew, state):
    with stack.engine("bus").connect() as conn:
        assert database.clock(conn, lambda: utc_now() + timedelta(seconds=skew)).state is state


def test_a_broker_that_evicts_or_forgets_is_found(running):
    assert set(states(broker.look(running.broker_url))) == {"broker eviction", "broker persistence"}
    with_client(running, "maxmemory-policy", "allkeys-lru")
    with_client(running, "appendonly", "no")
    found = states(broker.look(running.broker_url))
    assert (found["broker eviction"], found["broker persistence"]) == (State.FAIL, State.WARN)


def with_client(running, name, value):
    import redis

    with redis.Redis.from_url(running.broker_url) as client:
        client.config_set(name, value)


def test_a_broker_that_is_away_is_a_failure_that_loses_nothing():
    (found,) = broker.look("redis://127.0.0.1:1/0")
    assert found.state is State.FAIL


def test_a_gateway_that_does_not_answer_is_found():
    settings = {"SMS_CHANNEL": "kannel", "KANNEL_SENDSMS_URL": "http://127.0.0.1:1/cgi-bin/sendsms"}
    assert [one.state for one in machine.gateway(settings)] == [State.FAIL]


def test_a_sandbox_in_production_is_found():
    settings = {"SMS_CHANNEL": "sandbox", "RUTA_ENVIRONMENT": "production"}
    assert [one.state for one in machine.gateway(settings)] == [State.FAIL]


def test_a_missing_backup_is_said(tmp_path):
    assert machine.last_backup(tmp_path).state is State.WARN
    (tmp_path / machine.LAST).touch()
    assert machine.last_backup(tmp_path).state is State.OK


def test_a_transaction_of_another_role_that_stays_open_is_found(data, running, monkeypatch):
    monkeypatch.setattr(database, "OLD_TRANSACTION", timedelta(seconds=0.2))
    engine = make_engine(running.database_url("referral"))
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_sleep(0.3)"))
        found = states(examine(data))
    engine.dispose()
    assert found["transactions"] is State.WARN
    assert states(examine(data))["transactions"] is State.OK


@pytest.mark.parametrize(("free", "state"), [(6, State.OK), (4, State.WARN), (0.1, State.FAIL)])
def test_a_disk_that_gets_full_is_found(tmp_path, monkeypatch, free, state):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free * machine.GIGABYTE))
    assert machine.disk(tmp_path / "not" / "there").state is state


def test_a_server_whose_environment_lacks_a_setting_is_told_which(data, running, monkeypatch):
    monkeypatch.setenv("INTAKE_DATABASE_URL", running.database_url("intake"))
    monkeypatch.delenv("BROKER_URL", raising=False)
    monkeypatch.delenv("KANNEL_SENDSMS_URL", raising=False)
    said = {one.name: one.english for one in examine(data)}
    assert "BROKER_URL" in said["broker"]
    assert "KANNEL_SENDSMS_URL" in said["gateway"]
    assert said["migrations"] == "Schemas up to date: intake."


def test_commands_name_what_a_servers_environment_lacks(monkeypatch, tmp_path):
    monkeypatch.setenv("INTAKE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/ruta")
    monkeypatch.delenv("BUS_DATABASE_URL", raising=False)
    with pytest.raises(StackError, match="BUS_DATABASE_URL"):
        CliRunner().invoke(events, ["dead-letters", "list", "--data", str(tmp_path)], catch_exceptions=False)
    monkeypatch.setenv("BUS_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/ruta")
    with pytest.raises(StackError, match="does not answer"):
        CliRunner().invoke(events, ["dead-letters", "list", "--data", str(tmp_path)], catch_exceptions=False)


def test_traces_that_cannot_be_made_are_said(monkeypatch):
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    assert [*machine.traces(settings), *machine.traces({})] == []
    monkeypatch.setattr("shared.tracing.installed", lambda: False)
    assert [one.state for one in machine.traces(settings)] == [State.WARN]
    assert list(machine.traces({})) == []


def test_what_to_type_is_shown_to_the_letter(data, running, monkeypatch):
    monkeypatch.setenv("INTAKE_DATABASE_URL", running.database_url("intake"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr("shared.tracing.installed", lambda: False)
    assert "'.[tracing]'" in CliRunner().invoke(doctor, ["--data", str(data)]).output
