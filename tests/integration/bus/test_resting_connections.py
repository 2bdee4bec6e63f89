"""A pooled connection whose server went away while it rested costs a reconnect and no error."""

from sqlalchemy import text

import shared.database
from shared.database import make_engine


def backend_pid(engine):
    with engine.connect() as conn:
        return conn.execute(text("SELECT pg_backend_pid()")).scalar_one()


def end(clean_stack, pid):
    admin = make_engine(clean_stack.database_url("admin"))
    with admin.begin() as conn:
        ended = conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()
    admin.dispose()
    assert ended


def test_after_a_rest_it_is_asked_and_replaced(clean_stack, monkeypatch):
    monkeypatch.setattr(shared.database, "ASK_AFTER_SECONDS", 0.0)
    engine = make_engine(clean_stack.database_url("referral"))
    before = backend_pid(engine)
    end(clean_stack, before)
    assert backend_pid(engine) != before


def test_without_a_rest_it_is_not_asked(clean_stack, monkeypatch):
    monkeypatch.setattr(shared.database, "ASK_AFTER_SECONDS", 3600.0)
    engine = make_engine(clean_stack.database_url("referral"))
    pings = []
    asked = engine.dialect.do_ping
    monkeypatch.setattr(engine.dialect, "do_ping", lambda connection: pings.append(1) or asked(connection))
    assert backend_pid(engine) == backend_pid(engine)
    assert pings == []
