"""The embedded stack at its edges: rights between schemas, the folder's lock, crashes, other users."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.account import let_pass, unprivileged
from deploy.local.embedded.children import set_aside
from deploy.local.embedded.errors import FolderInUse, StackError

HOLDER = """
import sys, time
from deploy.local.embedded import EmbeddedStack
stack = EmbeddedStack(sys.argv[1], durable=False).start()
print(stack.postgres.process.pid, stack.valkey.process.pid, flush=True)
sys.stdin.read()
stack.stop()
"""


@pytest.fixture
def holder(tmp_path):
    """Start stacks in processes of their own; whatever is left is killed at the end."""
    started = []

    def start(folder, **popen):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **{"cwd": Path.cwd(), **popen},
        )
        started.append(process)
        pids = [int(pid) for pid in process.stdout.readline().split()]
        return process, [psutil.Process(pid) for pid in pids]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def as_ordinary_user():
    """Popen arguments that give up root's rights; none are needed when we have none."""
    account = unprivileged()
    if account is None:
        return {}
    let_pass(Path(sys.executable).resolve(), account)  # root's own Python may lie under root's home
    return account.popen_arguments()


def process_owner(process):
    return psutil.Process(process.pid).uids().effective


@pytest.fixture
def open_folder():
    """A folder that an ordinary user owns and reaches."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-user-"))
    if account := unprivileged():
        os.chown(folder, account.uid, account.gid)
    yield folder
    shutil.rmtree(folder)


class TestRights:
    def test_a_service_cannot_read_the_tables_of_another(self, stack):
        with stack.engine("admin").begin() as conn:
            conn.execute(text("SET LOCAL ROLE ruta_intake"))
            conn.execute(text("CREATE TABLE intake.only_mine (id int)"))
        try:
            for other in ("referral", "notifications", "identity", "bus"):
                with stack.engine(other).connect() as conn, pytest.raises(ProgrammingError, match="denied"):
                    conn.execute(text("SELECT * FROM intake.only_mine"))
        finally:
            with stack.engine("admin").begin() as conn:
                conn.execute(text("DROP TABLE intake.only_mine"))

    def test_every_service_writes_rows_of_the_bus_and_none_changes_its_tables(self, stack):
        with stack.engine("bus").begin() as conn:
            conn.execute(text("CREATE TABLE bus.probe (id int)"))
        try:
            for service in ("intake", "referral", "notifications"):
                with stack.engine(service).begin() as conn:
                    conn.execute(text("INSERT INTO bus.probe VALUES (1)"))
                with stack.engine(service).connect() as conn, pytest.raises(ProgrammingError, match="owner"):
                    conn.execute(text("DROP TABLE bus.probe"))
        finally:
            with stack.engine("bus").begin() as conn:
                conn.execute(text("DROP TABLE bus.probe"))

    def test_clean_empties_tables_and_broker(self, stack):
        with stack.engine("intake").begin() as conn:
            conn.execute(text("CREATE TABLE intake.probe (id int)"))
            conn.execute(text("INSERT INTO intake.probe VALUES (1)"))
        with redis.Redis.from_url(stack.broker_url) as broker:
            broker.set("left", "over")
            stack.clean()
            assert broker.dbsize() == 0
        with stack.engine("intake").begin() as conn:
            assert conn.scalar(text("SELECT count(*) FROM intake.probe")) == 0
            conn.execute(text("DROP TABLE intake.probe"))

    def test_the_broker_wants_its_password(self, stack):
        open_url = stack.broker_url.replace(stack.embedded.secrets["BROKER_PASSWORD"], "other")
        with redis.Redis.from_url(open_url) as broker, pytest.raises(redis.AuthenticationError):
            broker.ping()


class TestFolder:
    def test_a_folder_in_use_is_refused_in_one_sentence_that_names_the_holder(self, stack):
        with pytest.raises(FolderInUse, match=f"proceso {os.getpid()}"):
            EmbeddedStack(stack.embedded.data).start()

    def test_two_stacks_run_side_by_side(self, stack, tmp_path):
        with EmbeddedStack(tmp_path / "other", durable=False) as other:
            assert other.postgres.port != stack.embedded.postgres.port
            assert other.postgres.connect("ruta").execute("SELECT 1").fetchone() == (1,)

    def test_data_outlives_a_restart_and_nothing_is_left_behind(self, tmp_path):
        with EmbeddedStack(tmp_path / "data", durable=False) as first:
            pids = [first.postgres.process.pid, first.valkey.process.pid]
            with first.postgres.connect("ruta") as conn:
                conn.execute("CREATE TABLE kept (id int)")
        assert not any(psutil.pid_exists(pid) for pid in pids)
        assert not (tmp_path / "data" / "processes.json").exists()
        with (
            EmbeddedStack(tmp_path / "data", durable=False) as second,
            second.postgres.connect("ruta") as conn,
        ):
            assert conn.execute("SELECT count(*) FROM kept").fetchone() == (0,)

    def test_a_path_too_long_for_a_socket_uses_tcp(self, tmp_path):
        deep = tmp_path / ("a" * 60) / ("b" * 60)
        with EmbeddedStack(deep, durable=False) as stack, stack.postgres.connect("ruta") as conn:
            assert stack.postgres.host == "127.0.0.1"
            assert conn.execute("SELECT current_user").fetchone() == ("ruta_admin",)

    def test_lost_secrets_are_said_and_not_made_anew(self, tmp_path):
        with EmbeddedStack(tmp_path / "data", durable=False):
            pass
        (tmp_path / "data" / "secrets.env").unlink()
        with pytest.raises(StackError, match="secrets"):
            EmbeddedStack(tmp_path / "data", durable=False).start()

    def test_secrets_are_for_the_owner_alone(self, stack):
        assert (stack.embedded.data / "secrets.env").stat().st_mode & 0o077 == 0

    def test_a_folder_that_cannot_be_written_gets_one_sentence(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StackError, match="No se puede escribir"):
            EmbeddedStack(tmp_path / "file" / "data").start()

    def test_a_stale_pid_file_of_a_reused_pid_stops_nothing(self, tmp_path):
        with EmbeddedStack(tmp_path / "data", durable=False):
            pass
        pid_file = tmp_path / "data" / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{os.getppid()}\n{tmp_path / 'data' / 'postgres'}\n1\n5432\n\n\n\nready\n")
        with EmbeddedStack(tmp_path / "data", durable=False) as stack:
            assert stack.postgres.process.poll() is None

    def test_a_cluster_half_made_by_a_crash_is_made_again(self, tmp_path):
        with EmbeddedStack(tmp_path / "data", durable=False):
            pass
        (tmp_path / "data" / "postgres" / "PG_VERSION").unlink()
        with EmbeddedStack(tmp_path / "data", durable=False) as stack:
            assert stack.postgres.process.poll() is None


class TestCrash:
    def test_killing_the_holder_ends_its_children_and_the_next_start_works(self, holder, tmp_path):
        process, children = holder(tmp_path / "data")
        process.send_signal(signal.SIGKILL)
        process.wait()
        with EmbeddedStack(tmp_path / "data", durable=False) as stack:
            assert stack.postgres.connect("ruta").execute("SELECT 1").fetchone() == (1,)
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []

    def test_children_that_were_not_told_of_the_death_are_found_and_stopped(self, holder, tmp_path):
        process, children = holder(tmp_path / "data")
        for child in children:
            child.suspend()
        process.send_signal(signal.SIGKILL)
        process.wait()
        resume_soon = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import os,signal,sys\nfor p in sys.argv[1:]: os.kill(int(p), signal.SIGCONT)",
            ]
            + [str(child.pid) for child in children]
        )
        with EmbeddedStack(tmp_path / "data", durable=False) as stack:
            assert stack.postgres.process.pid not in [child.pid for child in children]
        resume_soon.wait()

    def test_a_killed_database_server_recovers_at_the_next_start(self, tmp_path):
        with EmbeddedStack(tmp_path / "data") as stack:
            with stack.postgres.connect("ruta") as conn:
                conn.execute("CREATE TABLE kept AS SELECT 1 AS id")
            psutil.Process(stack.postgres.process.pid).kill()
            stack.postgres.process.wait()
        with EmbeddedStack(tmp_path / "data") as again, again.postgres.connect("ruta") as conn:
            assert conn.execute("SELECT id FROM kept").fetchone() == (1,)


class TestAccounts:
    def test_as_root_the_servers_run_without_rights_and_else_as_ourselves(self, stack):
        for process in (stack.embedded.postgres.process, stack.embedded.valkey.process):
            owner = psutil.Process(process.pid).uids().effective
            assert owner != 0
            assert os.geteuid() in (0, owner)

    def test_an_ordinary_user_runs_a_stack_beside_that_of_root(self, holder, stack, open_folder):
        process, children = holder(open_folder / "data", **as_ordinary_user())
        assert {child.uids().effective for child in children} == {process_owner(process)}

    def test_the_servers_reach_a_folder_that_only_root_may_enter(self, tmp_path):
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        with EmbeddedStack(closed / "data", durable=False) as stack:
            assert stack.postgres.process.poll() is None
        assert closed.stat().st_mode & 0o007 in (0, 1)


def test_a_log_that_has_grown_large_is_set_aside_while_its_writer_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("deploy.local.embedded.children.LOG_LIMIT", 10)
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first, and long\n")
        set_aside(log)
        writer.write(b"then\n")
    assert (log.read_bytes(), log.with_suffix(".old").read_bytes()) == (b"then\n", b"first, and long\n")
