"""What is the database's passing state, and costs an event nothing."""

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from shared.bus import is_transient


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.DiskFull,
        psycopg.errors.TooManyConnections,
        psycopg.errors.OutOfMemory,
        psycopg.errors.IoError,
        psycopg.errors.DeadlockDetected,
        psycopg.errors.AdminShutdown,
    ],
)
def test_a_server_in_trouble_is_nobodys_fault(error):
    assert is_transient(DBAPIError.instance("SELECT 1", {}, error("no"), psycopg.Error))


@pytest.mark.parametrize("error", [psycopg.errors.NotNullViolation, psycopg.errors.SyntaxError])
def test_what_a_statement_does_wrong_is_its_own(error):
    assert not is_transient(DBAPIError.instance("SELECT 1", {}, error("no"), psycopg.Error))
