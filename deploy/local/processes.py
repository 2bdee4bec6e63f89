"""The supervisor of `ruta up`: starts the stack and the processes on it, restarts what dies, stops all softly."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.children import Program, remember, set_aside, spawn, sweep_session
from deploy.local.embedded.children import stop as stop_child
from deploy.local.embedded.errors import PortInUse, StackError
from deploy.local.embedded.forked import Process
from deploy.local.embedded.ports import is_free
from deploy.local.embedded.schemas import migrate_all
from deploy.local.environment import Address, forget_running, settings_of, write_running
from deploy.local.programs import SERVICES, programs_of

LOOK_SECONDS = 0.2
READY_SECONDS = 60.0
STEADY_SECONDS = 5.0  # what has run for so long has started; what kills it then is not its start
LOGS_SECONDS = 60.0
PAUSES = (0.0, 0.5, 1.0, 2.0, 3.0)  # before the first, second, … restart in a row


@dataclass
class Restarts:
    """When something that died is started again: at once the first time, then with growing pauses until it has run
    steadily."""

    started: float = field(default_factory=time.monotonic)
    deaths: int = 0
    again_at: float | None = None

    def due(self, alive: bool, now: float) -> bool:
        """Whether to start it now."""
        if alive:
            if now - self.started > STEADY_SECONDS:
                self.deaths = 0
            return False
        if self.again_at is None:
            self.again_at = now + PAUSES[min(self.deaths, len(PAUSES) - 1)]
            self.deaths += 1
        if now < self.again_at:
            return False
        self.started, self.again_at = now, None
        return True


@dataclass
class Child:
    """A supervised process and how its restarts go."""

    program: Program
    process: Process
    restarts: Restarts = field(default_factory=Restarts)


class Supervisor:
    """`run()` blocks until SIGINT or SIGTERM; `start()` and `stop()` are its halves. Main thread only: a child is
    told of the death of the thread that started it."""

    def __init__(
        self,
        data: Path,
        address: Address,
        *,
        programs: Callable[[Path, Mapping[str, str], Address], list[Program]] = programs_of,
        tell: Callable[[str], Any] = lambda _: None,
    ) -> None:
        self.stack = EmbeddedStack(data)
        self.address = address
        self._programs = programs
        self.settings: Mapping[str, str] = {}
        self.children: dict[str, Child] = {}
        self._servers = {"postgres": Restarts(), "valkey": Restarts()}
        self.ending = threading.Event()
        self._tell = tell
        self._logs_seen = 0.0
        self._changed = False

    def start(self) -> None:
        """Start everything and return when every service is ready. Raises StackError, with nothing left running."""
        try:
            self.stack.take()  # before the port: what a crash left may still listen
            self._want_port()
            self._tell("database")
            self.stack.start()
            self._tell("schemas")
            migrate_all(self.stack)
            self.settings = settings_of(self.stack, self.address)
            write_running(self.stack.data, self.settings)
            self._tell("services")
            for program in self._programs(self.stack.data, self.settings, self.address):
                self.children[program.name] = Child(program, spawn(program))
            self._remember()
            self._wait_ready()
        except BaseException:
            self.stop()
            raise

    def _want_port(self) -> None:
        if not is_free(self.address.port, self.address.host):
            port = self.address.port
            raise PortInUse(
                f"El puerto {port} ya está en uso: cierre lo que lo usa o elija otro con --port.",
                f"Port {port} is in use: close what uses it or choose another with --port.",
            )

    def run(self) -> None:
        """Look after the children until a signal or `ending` says to end; then stop."""
        try:
            while not self.ending.wait(LOOK_SECONDS):
                self.look_after()
        finally:
            self.stop()

    def on_signals(self) -> None:
        """Let SIGINT and SIGTERM end `run()`."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: self.ending.set())

    def look_after(self) -> None:
        """Start again whatever has died, at once the first time, then with growing pauses."""
        try:
            self._keep_logs_small()
            self._changed |= self._restart_servers()
            for child in self.children.values():
                self._changed |= _look_after(child)
            if self._changed:
                self._remember()
            self._changed = False
        except OSError:  # the disk is full: what cannot be done now is done when there is space again
            self._changed = True

    def stop(self) -> None:
        """Stop the processes together, then the servers. Nothing is left: no process, socket or lock."""
        running = [child for child in self.children.values() if child.process.poll() is None]
        for child in running:
            child.process.send_signal(child.program.stop_signal)
        for child in running:
            _end(child)
        self.children.clear()
        if self.stack.is_taken:
            forget_running(self.stack.data)
        self.stack.stop()

    def _wait_ready(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        waiting = [f"{self.address.url}/{name}/ready" for name in SERVICES]
        while waiting and not self.ending.wait(0.05):
            waiting = [url for url in waiting if not _answers(url)]
            dead = [name for name, child in self.children.items() if child.process.poll() is not None]
            if dead or (waiting and time.monotonic() > limit):
                self._explain(dead or ["web"])

    def _explain(self, names: list[str]) -> None:
        logs = [self.children[name].program.log for name in names]
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace")[-1500:] for log in logs)
        where = ", ".join(str(log) for log in logs)
        raise StackError(
            f"No arranca: {', '.join(names)}. Vea {where}.",
            f"Not starting: {', '.join(names)}. See {where}.\n{end}",
        )

    def _restart_servers(self) -> bool:
        changed = False
        for name, restarts in self._servers.items():
            server = getattr(self.stack, name)
            if server.process is not None and restarts.due(server.process.poll() is None, time.monotonic()):
                server.restart()
                changed = True
        return changed

    def _keep_logs_small(self) -> None:
        if time.monotonic() > self._logs_seen + LOGS_SECONDS:
            self._logs_seen = time.monotonic()
            for log in (self.stack.data / "log").glob("*.log"):
                set_aside(log)

    def _remember(self) -> None:
        servers = {"postgres": self.stack.postgres.process, "valkey": self.stack.valkey.process}
        running = {name: one for name, one in servers.items() if one is not None}
        running |= {name: child.process for name, child in self.children.items()}
        remember(self.stack.data / "processes.json", running)


def _look_after(child: Child) -> bool:
    """Returns whether the child has a new process."""
    alive = child.process.poll() is None
    if not alive and child.restarts.again_at is None:
        sweep_session(child.process)
    if not child.restarts.due(alive, time.monotonic()):
        return False
    child.process = spawn(child.program)
    return True


def _end(child: Child) -> None:
    """Wait for a child that was asked to end; then make it."""
    try:
        child.process.wait(child.program.grace)
    except subprocess.TimeoutExpired:
        stop_child(child.process, child.program)
    sweep_session(child.process)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False
