"""Migrations go up, down and up again, and the tables in the code are those in the database."""

import pytest
from sqlalchemy import inspect, text

from services.notifications.tables import metadata
from shared.database import make_engine, migrate


@pytest.fixture
def empty_database(stack):
    """A database of its own, dropped afterwards."""
    admin = stack.engine("admin").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text("DROP DATABASE IF EXISTS notifications_migrations"))
        conn.execute(text("CREATE DATABASE notifications_migrations"))
    url = admin.url.set(drivername="postgresql", database="notifications_migrations")
    yield url.render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(text("DROP DATABASE notifications_migrations WITH (FORCE)"))


def test_up_down_up_and_no_drift(empty_database):
    for revision in ("head", "base", "head"):
        migrate(empty_database, "services.notifications", revision=revision)
    engine = make_engine(empty_database)
    made = inspect(engine)
    tables = set(made.get_table_names(schema="notifications")) - {"alembic_version"}
    assert tables == {table.name for table in metadata.tables.values()}
    for table in metadata.tables.values():
        columns = {one["name"]: one for one in made.get_columns(table.name, schema="notifications")}
        assert list(columns) == [column.name for column in table.columns]
        assert [not one["nullable"] for one in columns.values()] == [
            not column.nullable for column in table.columns
        ]
        key = made.get_pk_constraint(table.name, schema="notifications")["constrained_columns"]
        assert key == [column.name for column in table.primary_key]
    engine.dispose()


CHECKS = """
    INSERT INTO notifications.follow_up (id, check_id, referral_id, assessment_id, person_id, sensitivity, priority,
        mode, ends_when_completed, due_at)
    SELECT gen_random_uuid(), check_id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'S1', 2, mode, false,
        now()
    FROM (VALUES ('F-LIV-90D', 'auto'), ('F-ANY-CARE', 'auto'), ('F-RES-01', 'call')) AS t(check_id, mode)
"""


def test_checks_of_the_release_before_are_asked_and_understood_as_they_were_planned(empty_database):
    migrate(empty_database, "services.notifications", revision="0002")
    engine = make_engine(empty_database)
    with engine.begin() as conn:
        conn.execute(text(CHECKS))
    migrate(empty_database, "services.notifications")
    with engine.begin() as conn:
        found = conn.execute(
            text(
                "SELECT template_id, outcome_if_yes, outcome_if_no FROM notifications.follow_up ORDER BY check_id"
            )
        )
        assert [tuple(row) for row in found] == [
            ("S6", None, None),
            ("S5", "INCOME_UP", "INCOME_NONE"),
            (None, None, None),
        ]
    engine.dispose()
