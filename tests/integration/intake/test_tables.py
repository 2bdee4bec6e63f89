"""The tables are as the migrations make them, and the migrations can be undone."""

import pytest
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import make_url

from services.intake.tables import metadata
from shared.database import migrate


def test_the_tables_are_as_the_migrations_make_them(stack):
    found = MetaData(schema="intake")
    found.reflect(stack.engine("intake"), schema="intake")
    described = {
        name: {column.name: (str(column.type), column.nullable) for column in table.columns}
        for name, table in found.tables.items()
        if not name.endswith("alembic_version")
    }
    expected = {
        name: {
            column.name: (str(column.type.compile(stack.engine("intake").dialect)), column.nullable)
            for column in table.columns
        }
        for name, table in metadata.tables.items()
    }
    assert {name: set(columns) for name, columns in described.items()} == {
        name: set(columns) for name, columns in expected.items()
    }
    for name, columns in expected.items():
        nullable = {column: facts[1] for column, facts in described[name].items()}
        assert nullable == {column: facts[1] for column, facts in columns.items()}, name


@pytest.fixture
def empty_database(stack):
    """A database of its own on the same server."""
    admin = make_url(stack.database_url("admin"))
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text("DROP DATABASE IF EXISTS intake_migrations"))
        conn.execute(text("CREATE DATABASE intake_migrations"))
    yield admin.set(database="intake_migrations").render_as_string(hide_password=False)
    with engine.connect() as conn:
        conn.execute(text("DROP DATABASE intake_migrations WITH (FORCE)"))
    engine.dispose()


def test_migrations_go_up_down_and_up(empty_database):
    def tables():
        engine = create_engine(empty_database)
        names = set(inspect(engine).get_table_names("intake")) - {"alembic_version"}
        engine.dispose()
        return names

    migrate(empty_database, "services.intake")
    assert {f"intake.{name}" for name in tables()} == set(metadata.tables)
    migrate(empty_database, "services.intake", revision="base")
    assert tables() == set()
    migrate(empty_database, "services.intake")
    assert {f"intake.{name}" for name in tables()} == set(metadata.tables)
