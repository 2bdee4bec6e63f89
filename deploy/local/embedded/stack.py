"""PostgreSQL and Valkey together, on one data folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from deploy.local.embedded import credentials, roles
from deploy.local.embedded.children import remember, stop_leftovers
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.lock import FolderLock
from deploy.local.embedded.postgres import ADMIN, PostgresServer
from deploy.local.embedded.valkey import ValkeyServer


class EmbeddedStack:
    """`with EmbeddedStack(folder) as stack:` gives a database and a broker until the end of the block.

    `durable=False` trades crash safety for speed and is for tests. Raises FolderInUse or another StackError.
    """

    def __init__(self, data_dir: Path | str, *, durable: bool = True) -> None:
        self.data = Path(data_dir).resolve()
        self.durable = durable
        self.secrets: dict[str, str] = {}
        self.postgres: PostgresServer
        self.valkey: ValkeyServer
        self._lock = FolderLock(self.data)
        self._running = False
        self.is_taken = False

    def take(self) -> None:
        """Take the folder and stop what a crash left in it. Raises FolderInUse or another StackError."""
        self._prepare_folder()
        self._lock.take()
        self.is_taken = True
        stop_leftovers(self.data / "processes.json")

    def start(self) -> EmbeddedStack:
        """Take the folder, unless it is taken, start both servers and make roles and schemas."""
        try:
            if not self.is_taken:
                self.take()
            self._start_servers()
        except BaseException:
            self.stop()
            raise
        self._running = True
        return self

    def stop(self) -> None:
        """Stop both servers and free the folder. Safe to call twice."""
        for server in (getattr(self, "valkey", None), getattr(self, "postgres", None)):
            if server is not None:
                server.stop()
        if self._running:
            (self.data / "processes.json").unlink(missing_ok=True)
        self._running = self.is_taken = False
        self._lock.release()

    def __enter__(self) -> EmbeddedStack:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def database_url(self, owner: str) -> str:
        """SQLAlchemy URL as the role of `owner`: a service, `identity`, `bus`, or `admin` (superuser)."""
        role = ADMIN if owner == "admin" else roles.role_of(owner)
        password = self.secrets[f"POSTGRES_{owner.upper()}_PASSWORD"]
        host, port = quote(self.postgres.host, safe=""), self.postgres.port
        return f"postgresql+psycopg://{role}:{password}@/{roles.DATABASE}?host={host}&port={port}"

    @property
    def broker_url(self) -> str:
        return self.valkey.url

    def _prepare_folder(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.data / "log").mkdir(exist_ok=True, mode=0o700)
            (self.data / "lock").touch(mode=0o600)
        except OSError as error:
            raise StackError(
                f"No se puede escribir en la carpeta {self.data}: {error.strerror}.",
                f"The folder {self.data} cannot be written: {error.strerror}.",
            ) from error

    def _start_servers(self) -> None:
        data = self.data / "postgres"
        new_folder = not (data / "PG_VERSION").exists()
        self.secrets = credentials.read_or_make(self.data / "secrets.env", new_folder=new_folder)
        log = self.data / "log"
        password = self.secrets["POSTGRES_ADMIN_PASSWORD"]
        self.postgres = PostgresServer(data, log / "postgres.log", password, durable=self.durable)
        self.valkey = ValkeyServer(
            self.data / "valkey", log / "valkey.log", self.secrets["BROKER_PASSWORD"], durable=self.durable
        )
        self.valkey.start()
        self.postgres.start()
        self.valkey.wait_ready()
        self.postgres.wait_ready()
        self._remember()
        self._make_roles()

    def _remember(self) -> None:
        running = {"postgres": self.postgres.process, "valkey": self.valkey.process}
        remember(
            self.data / "processes.json", {name: one for name, one in running.items() if one is not None}
        )

    def _make_roles(self) -> None:
        with self.postgres.connect() as admin:
            roles.create_database(admin)
        passwords = {owner: self.secrets[f"POSTGRES_{owner.upper()}_PASSWORD"] for owner in roles.OWNERS}
        roles.create_roles(self.postgres, passwords)
