"""The running product of a benchmark: the full embedded stack, an invented directory, a gateway of its own; and what
it uses of the machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests

from deploy.local.embedded import credentials
from deploy.local.embedded.ports import free_port
from tests.chaos import cases

ROOT = Path(__file__).parents[2]
GATEWAY = "gateway of the benchmark"
SUPERVISOR = "ruta up itself"
READY_SECONDS = 120


@dataclass
class Stack:
    """The running product, reached at `url`, its data in `data`, handing messages to the gateway."""

    folder: Path
    port: int
    up_pid: int
    gateway_pid: int
    up_seconds: float
    _log_read: int = 0
    _taken: dict[str, float] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def secret_key(self) -> str:
        return credentials.read(self.data / "secrets.env")["SECRET_KEY"]

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings that the processes run with."""
        found: dict[str, str] = json.loads((self.data / "running.json").read_text())
        return found

    def taken(self) -> dict[str, float]:
        """When the gateway took the first message to each number. Each line of its log is read once."""
        with (self.folder / "gateway.log").open() as log:
            log.seek(self._log_read)
            while (line := log.readline()).endswith("\n"):
                at, _, receiver = line[:-1].partition("\t")
                self._taken.setdefault(receiver, float(at))
                self._log_read = log.tell()
        return self._taken

    def admin(self) -> psycopg.Connection[Any]:
        """A connection as the database's administrator, in autocommit."""
        bus = psycopg.conninfo.conninfo_to_dict(
            self.settings["INTAKE_DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        )
        password = credentials.read(self.data / "secrets.env")["POSTGRES_ADMIN_PASSWORD"]
        return psycopg.connect(
            **{**bus, "user": "ruta_admin", "password": password},  # type: ignore[arg-type]
            autocommit=True,
        )

    def cpu(self) -> dict[str, float]:
        """CPU seconds used so far, by process with its children, those that have ended included."""
        roots = {row["name"]: row["pid"] for row in self._processes()} | {GATEWAY: self.gateway_pid}
        # children before their parent: what ends in between is found in the parent's own count
        used = {name: sum(map(_cpu_seconds, reversed(with_children(pid)))) for name, pid in roots.items()}
        own = psutil.Process(self.up_pid).cpu_times()
        return {SUPERVISOR: own.user + own.system, **used}

    def memory(self) -> float:
        """Proportional memory of `ruta up` and everything it started, in MB."""
        return sum(map(_proportional_bytes, with_children(self.up_pid))) / 1e6

    def _processes(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads((self.data / "processes.json").read_text())
        return rows


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def with_children(pid: int) -> list[psutil.Process]:
    """A process and its descendants; empty when it is gone."""
    try:
        found = psutil.Process(pid)
        return [found, *found.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def running(instead: str | None = None) -> Iterator[Stack]:
    """The product on ports of its own, in a new folder; `instead` of `ruta up` a module that takes DATA and PORT."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-bench-"))
    port, gateway = free_port(), free_port()
    (folder / "gateway.log").touch()
    (folder / "directory.json").write_text(json.dumps(cases.directory()))
    children = [spawn(folder, "gateway", "tests.bench.gateway", str(gateway), str(folder / "gateway.log"))]
    begun = time.perf_counter()
    try:
        module, data = instead or "deploy.local.cli", str(folder / "data")
        arguments = (data, str(port)) if instead else ("up", "--port", str(port), "--data", data)
        children.append(spawn(folder, "up", module, *arguments, env=through(gateway)))
        wait_ready(port, folder)
        stack = Stack(folder, port, children[1].pid, children[0].pid, time.perf_counter() - begun)
        ruta(stack, "import", "directory", str(folder / "directory.json"))
        yield stack
    finally:
        for child in reversed(children):
            child.send_signal(signal.SIGTERM)
            child.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def ruta(stack: Stack, *arguments: str) -> None:
    """Run one `ruta` command on the stack's data. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "deploy.local.cli", *arguments, "--data", str(stack.data)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def spawn(
    folder: Path, name: str, module: str, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start one of our modules, its output in `folder`."""
    with (folder / f"{name}.out").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=out,
            stderr=out,
        )


def through(gateway: int) -> dict[str, str]:
    """The settings that lead messages to our gateway, without the limits that spare a person."""
    return {
        "SMS_CHANNEL": "kannel",
        "KANNEL_SENDSMS_URL": f"http://127.0.0.1:{gateway}/cgi-bin/sendsms",
        "KANNEL_USERNAME": "ruta",
        "KANNEL_PASSWORD": "bench",
        "KANNEL_SMS_FROM": "88888",
        "MESSAGES_PER_DAY": "100000",
        "MESSAGES_PER_WEEK": "100000",
        "LOG_LEVEL": "WARNING",
    }


def wait_ready(port: int, folder: Path) -> None:
    """Return when every service is ready and the first page comes."""
    until = time.monotonic() + READY_SECONDS
    paths = ["intake/ready", "referral/ready", "notifications/ready", ""]
    while time.monotonic() < until:
        try:
            if all(requests.get(f"http://127.0.0.1:{port}/{path}", timeout=2).ok for path in paths):
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise TimeoutError((folder / "up.out").read_text()[-3000:])
