"""The database `ruta`: one schema and one role per owner, so that no service can read another's tables.

`bus` is the one schema that the three services share; through `shared.bus` alone (decision record on transport).
"""

from __future__ import annotations

import psycopg
from psycopg import sql

DATABASE = "ruta"
SERVICES = ("intake", "referral", "notifications")
OWNERS = (*SERVICES, "identity", "bus")


def role_of(owner: str) -> str:
    """The database role that owns the schema `owner`."""
    return f"ruta_{owner}"


def create_database(admin: psycopg.Connection) -> None:
    """Create the database when it is missing. `admin` is in autocommit, on another database."""
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def create_roles(admin: psycopg.Connection, passwords: dict[str, str]) -> None:
    """Create roles, schemas and rights inside the database `ruta`. Safe to repeat."""
    with admin.transaction():
        for owner in OWNERS:
            _create_owner(admin, owner, passwords[owner])
        _share_bus(admin)


def _create_owner(admin: psycopg.Connection, owner: str, password: str) -> None:
    role = sql.Identifier(role_of(owner))
    schema = sql.Identifier(owner)
    if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role_of(owner),)).fetchone() is None:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))
    admin.execute(sql.SQL("ALTER ROLE {} SET search_path = {}").format(role, schema))
    admin.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, role))


def _share_bus(admin: psycopg.Connection) -> None:
    """The services may read and write the rows of `bus`; they may not change its tables."""
    services = sql.SQL(", ").join(sql.Identifier(role_of(name)) for name in SERVICES)
    admin.execute(sql.SQL("GRANT USAGE ON SCHEMA bus TO {}").format(services))
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        grant = sql.SQL("GRANT {} ON ALL {} IN SCHEMA bus TO {}")
        admin.execute(grant.format(sql.SQL(rights), sql.SQL(kind), services))
        future = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE ruta_bus IN SCHEMA bus GRANT {} ON {} TO {}")
        admin.execute(future.format(sql.SQL(rights), sql.SQL(kind), services))
