"""The database `ruta` with its roles and schemas, by the same SQL as on a server (`deploy/roles.sql`)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local.embedded.errors import StackError
from deploy.local.embedded.postgres import ADMIN, PostgresServer, binary

DATABASE = "ruta"
OWNERS = ("intake", "referral", "notifications", "identity", "bus")
SCRIPT = Path(__file__).parents[2] / "roles.sql"


def role_of(owner: str) -> str:
    """The database role that owns the schema `owner`."""
    return f"ruta_{owner}"


def create_database(admin: psycopg.Connection) -> None:
    """Create the database when it is missing. `admin` is in autocommit, on another database."""
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def create_roles(server: PostgresServer, passwords: dict[str, str]) -> None:
    """Create roles, schemas and rights. Safe to repeat. Passwords travel in the environment: no process list shows
    them."""
    done = subprocess.run(
        [str(binary("psql")), "--no-psqlrc", "--quiet", "--tuples-only", "--file", str(SCRIPT)],
        env={
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": ADMIN,
            "PGPASSWORD": server.password,
            "PGDATABASE": DATABASE,
            "PGCONNECT_TIMEOUT": "5",
            **{f"{owner.upper()}_DATABASE_PASSWORD": passwords[owner] for owner in OWNERS},
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(
            f"No se pudieron crear los roles de la base de datos: {done.stderr.strip()}",
            f"The roles of the database could not be created: {done.stderr.strip()}",
        )
