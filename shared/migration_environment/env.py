"""Alembic's environment, one for all schemas: each has its version table inside itself."""

from __future__ import annotations

import sqlalchemy
from alembic import context
from sqlalchemy import text

attributes = context.config.attributes
schema: str = attributes["schema"]
owner: str | None = attributes.get("owner")

engine = sqlalchemy.create_engine(attributes["url"], poolclass=sqlalchemy.NullPool)
with engine.connect() as connection:
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": f"migrate {schema}"})
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    if owner:
        connection.execute(text(f'ALTER SCHEMA "{schema}" OWNER TO "{owner}"'))
        connection.execute(text(f'SET ROLE "{owner}"'))
    connection.commit()
    context.configure(connection=connection, version_table_schema=schema, version_table="alembic_version")
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": f"migrate {schema}"})
