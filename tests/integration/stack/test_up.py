"""`ruta up` at its edges: what is in use, what dies, and what is left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from deploy.local.embedded.children import Program, remember, spawn, stop_leftovers
from deploy.local.embedded.ports import free_port, is_free
from deploy.local.routing import by_first_segment

ROOT = Path(__file__).parents[3]


def ruta(*arguments, **env):
    """Run the command `ruta` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **env},
        check=False,
    )


@contextmanager
def small_up(data, port):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.small_up", str(data), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def pids_of(data):
    return {row["name"]: row["pid"] for row in json.loads((data / "processes.json").read_text())}


def processes_of(data):
    return {name: psutil.Process(pid) for name, pid in pids_of(data).items()}


def wait_until(condition, attempts=600):
    """Look again every twentieth of a second until `condition()` holds."""
    pause = threading.Event()
    for _ in range(attempts):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("did not happen")


class TestRefusals:
    def test_a_port_in_use_is_one_sentence_in_each_language_and_exit_code_2(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = ruta("up", "--port", taken.getsockname()[1], "--data", tmp_path / "data")
        assert done.returncode == 2
        assert "El puerto" in done.stderr
        assert "is in use" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 2
        assert "Traceback" not in done.stderr

    def test_a_folder_in_use_is_one_sentence_in_each_language_and_exit_code_2(self, stack):
        done = ruta("up", "--port", free_port(), "--data", stack.embedded.data)
        assert done.returncode == 2
        assert f"proceso {os.getpid()}" in done.stderr
        assert "Traceback" not in done.stderr

    def test_who_is_refused_takes_nothing_from_the_one_that_runs(self, tmp_path):
        with small_up(tmp_path / "data", free_port()):
            known = (tmp_path / "data" / "running.json").read_text()
            assert ruta("up", "--port", free_port(), "--data", tmp_path / "data").returncode == 2
            assert (tmp_path / "data" / "running.json").read_text() == known

    def test_port_and_folder_come_from_the_environment_too(self, stack):
        done = ruta("up", RUTA_PORT=str(free_port()), RUTA_DATA=str(stack.embedded.data))
        assert done.returncode == 2
        assert str(stack.embedded.data) in done.stderr

    def test_a_port_that_is_no_port_is_a_wrong_use(self):
        assert ruta("up", "--port", "70000").returncode == 2


class TestStop:
    @pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_stops_all_and_leaves_nothing(self, tmp_path, sign):
        port = free_port()
        with small_up(tmp_path / "data", port) as process:
            children = processes_of(tmp_path / "data")
            assert set(children) == {"postgres", "valkey", "web", "worker"}
            process.send_signal(sign)
            assert process.wait(60) == 0
        assert not any(child.is_running() for child in children.values())
        assert is_free(port)
        left = {file.name for file in (tmp_path / "data").iterdir()}
        assert left == {"lock", "log", "postgres", "secrets.env", "valkey"}

    def test_killed_outright_it_leaves_nothing_that_stops_the_next_start(self, tmp_path):
        port = free_port()
        with small_up(tmp_path / "data", port) as process:
            children = processes_of(tmp_path / "data")
            process.kill()
            process.wait()
        _, alive = psutil.wait_procs(children.values(), timeout=30)
        assert alive == []
        with small_up(tmp_path / "data", port):
            assert requests.get(f"http://127.0.0.1:{port}/intake/ready", timeout=5).status_code == 200

    def test_killed_outright_the_next_start_takes_the_port_from_a_child_that_will_not_go(self, tmp_path):
        port = free_port()
        with small_up(tmp_path / "data", port) as process:
            web = processes_of(tmp_path / "data")["web"]
            web.suspend()  # it hears no signal but the last
            process.kill()
            process.wait()
            assert not is_free(port)
        with small_up(tmp_path / "data", port):
            assert requests.get(f"http://127.0.0.1:{port}/intake/ready", timeout=5).status_code == 200
        assert not web.is_running()

    def test_what_a_dead_child_left_in_its_session_is_stopped_by_the_next_start(self, tmp_path):
        program = Program("sample", ("sh", "-c", "sleep 1000 & echo $!; read never"), tmp_path / "log")
        leader = spawn(program)
        wait_until(lambda: program.log.exists() and program.log.read_text().endswith("\n"))
        left = psutil.Process(int(program.log.read_text()))
        remember(tmp_path / "processes.json", {"sample": leader})
        leader.kill()
        leader.wait()
        assert stop_leftovers(tmp_path / "processes.json", patience=1.0) == ["sample"]
        assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE

    def test_two_run_side_by_side(self, tmp_path):
        with small_up(tmp_path / "one", free_port()), small_up(tmp_path / "two", free_port()):
            everyone = [*processes_of(tmp_path / "one").values(), *processes_of(tmp_path / "two").values()]
            assert len(set(everyone)) == 8
            assert all(process.is_running() for process in everyone)


class TestRestart:
    @pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker"])
    def test_a_process_that_dies_is_started_again(self, tmp_path, name):
        with small_up(tmp_path / "data", free_port()):
            before = pids_of(tmp_path / "data")
            os.kill(before[name], signal.SIGKILL)
            wait_until(lambda: pids_of(tmp_path / "data").get(name, before[name]) != before[name])
            after = pids_of(tmp_path / "data")
            assert {other for other in before if after[other] != before[other]} == {name}


class TestSecondCommand:
    def test_another_command_reaches_the_stack_that_runs(self, stack, tmp_path):
        with small_up(tmp_path / "data", free_port()):
            done = ruta("events", "dead-letters", "list", "--data", tmp_path / "data")
        assert (done.returncode, done.stdout.strip()) == (0, "No hay eventos detenidos.")

    def test_without_one_that_runs_it_starts_one_for_itself(self, tmp_path):
        done = ruta(
            "events", "dead-letters", "list", "--data", tmp_path / "data", LANG="en_US.UTF-8", LC_ALL=""
        )
        assert (done.returncode, done.stdout.strip()) == (0, "There are no dead letters.")
        assert not (tmp_path / "data" / "running.json").exists()

    def test_a_dead_letter_that_is_not_there_is_said_without_a_traceback(self, tmp_path):
        nowhere = "01890000-0000-7000-8000-000000000000"
        done = ruta("events", "dead-letters", "show", nowhere, "--data", tmp_path / "data")
        assert done.returncode == 1
        assert done.stderr.strip() == "No hay un evento detenido con ese identificador."


def test_the_first_segment_of_a_path_chooses_the_service():
    def named(name):
        return lambda environ, start_response: [name]

    application = by_first_segment({"intake": named(b"intake")}, otherwise=named(b"account"))
    assert application({"PATH_INFO": "/intake/api/v1/assessments"}, None) == [b"intake"]
    assert application({"PATH_INFO": "/intakes"}, None) == [b"account"]
    assert application({"PATH_INFO": "/"}, None) == [b"account"]


class TestPeople:
    def test_an_administrator_an_organization_and_its_focal_point(self, tmp_path):
        def run(*arguments):
            return ruta(*arguments, "--data", tmp_path / "data")

        admin = ["--username", "ana", "--name", "Ana", "--role", "admin"]
        assert len(run("account", "create", *admin).stdout.strip()) == 16
        again = run("account", "create", *admin)
        assert (again.returncode, again.stderr.strip()) == (1, "Ese nombre de usuario ya existe.")
        assert run("organization", "create", "Casa Ejemplo").returncode == 0
        program = ["--role", "focal_point", "--name", "Kobo"]
        assert "organización" in run("token", "create", *program).stderr
        made = run("token", "create", *program, "--organization", "Casa Ejemplo")
        assert made.stdout.count(".") == 2, made.stderr
        assert run("token", "create", *program, "--organization", "Otra").returncode == 1
        assert len(run("account", "password", "ana").stdout.strip()) == 16
        assert run("account", "password", "nadie").returncode == 1
