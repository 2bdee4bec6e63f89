"""A child forked from this process is a process of its own: own session, files, signals and end."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from deploy.local.embedded.children import Program, spawn, stop
from deploy.local.embedded.forked import Forked

SETTINGS = {"RUTA_SAMPLE": "yes"}


@pytest.fixture
def start(tmp_path):
    started = []

    def run(call):
        program = Program("sample", ("false",), tmp_path / "log", env=SETTINGS, folder=tmp_path, call=call)
        started.append(spawn(program))
        return program, started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait(10)


def sleep():
    threading.Event().wait()


def started(log):
    """Wait until the child has written its first line."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if log.exists() and log.read_text().endswith("\n"):
            return log.read_text()
        time.sleep(0.01)
    raise AssertionError("the child said nothing")


class TestItself:
    def test_it_has_its_own_session_folder_environment_and_log(self, start, tmp_path):
        def say():
            assert os.getsid(0) == os.getpid()
            sys.stdout.write(f"{os.getcwd()} {sorted(name for name in os.environ if 'RUTA' in name)} ñ\n")
            sys.stderr.write("and errors\n")

        os.environ["RUTA_OTHER"] = "not passed on"
        try:
            _, process = start(say)
        finally:
            del os.environ["RUTA_OTHER"]
        assert isinstance(process, Forked)
        assert process.wait(30) == 0
        assert (tmp_path / "log").read_text(encoding="utf-8") == f"{tmp_path} ['RUTA_SAMPLE'] ñ\nand errors\n"

    def test_ps_shows_its_name(self, start, tmp_path):
        def say():
            sys.stdout.write("here\n")
            sleep()

        _, process = start(say)
        started(tmp_path / "log")
        with open(f"/proc/{process.pid}/comm", encoding="utf-8") as name:
            assert name.read() == "ruta sample\n"

    def test_it_holds_nothing_that_its_parent_has_open(self, start, tmp_path):
        with (tmp_path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            start(lambda: (sys.stdout.write("here\n"), sleep()))
            started(tmp_path / "log")
        with (tmp_path / "lock").open("w") as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_its_ids_are_not_those_of_its_parent(self, start, tmp_path):
        from shared.ids import new_id

        new_id()  # the parent has random bytes in store
        _, process = start(lambda: sys.stdout.write(new_id()[24:]))
        process.wait(30)
        assert (tmp_path / "log").read_text() != new_id()[24:]


class TestEnd:
    @pytest.mark.parametrize(
        ("call", "code"),
        [(lambda: None, 0), (lambda: sys.exit(3), 3), (lambda: sys.exit("no"), 1), (lambda: 1 / 0, 1)],
    )
    def test_its_exit_code_is_what_a_program_would_give(self, start, call, code):
        _, process = start(call)
        assert process.wait(30) == code
        assert process.poll() == code

    def test_what_it_dies_of_is_in_its_log(self, start, tmp_path):
        _, process = start(lambda: 1 / 0)
        process.wait(30)
        assert "ZeroDivisionError" in (tmp_path / "log").read_text()

    def test_a_signal_ends_it_however_its_parent_handles_that_signal(self, start):
        before = signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            program, process = start(sleep)
            stop(process, program)
        finally:
            signal.signal(signal.SIGTERM, before)
        assert process.poll() == -signal.SIGTERM

    def test_waiting_for_one_that_runs_on_ends_in_time(self, start):
        _, process = start(sleep)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
