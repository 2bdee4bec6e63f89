"""A database that vanished without a word must be noticed."""

import socket

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from shared import database
from shared.bus import is_transient
from shared.database import make_engine
from tests.chaos.proxy import Proxy


def over_tcp(stack, port):
    """The address of the tests' database by TCP."""
    url = make_url(stack.database_url("intake")).set(host="127.0.0.1", port=port, query={})
    return url.render_as_string(hide_password=False).replace("+psycopg", "")


def test_the_system_is_told_to_notice_a_silent_server_within_half_a_minute(stack):
    engine = make_engine(over_tcp(stack, stack.embedded.postgres.port))
    with engine.connect() as conn:
        connection = socket.socket(fileno=conn.connection.driver_connection.fileno())
        try:
            asked = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT]
            idle, interval, count, unanswered = (
                connection.getsockopt(socket.IPPROTO_TCP, option) for option in asked
            )
        finally:
            connection.detach()
    engine.dispose()
    assert idle + interval * count <= 30
    assert unanswered == 30_000


class TestSwallowed:
    """Something in between goes on taking our bytes and never gives any back: the system notices nothing."""

    @pytest.fixture
    def proxy(self, stack):
        made = Proxy(("127.0.0.1", stack.embedded.postgres.port)).start()
        yield made
        made.close()

    @pytest.fixture
    def engine(self, stack, proxy, monkeypatch):
        monkeypatch.setattr(database, "SILENCE_SECONDS", 0.5)
        made = make_engine(over_tcp(stack, proxy.port))
        yield made
        made.dispose()

    def test_who_waits_for_an_answer_gives_the_connection_up_and_gets_another(self, proxy, engine):
        with engine.connect() as conn:
            conn.execute(text("SELECT 1"))
            proxy.strand()
            with pytest.raises(OperationalError) as silence:
                conn.execute(text("SELECT 1"))
        assert is_transient(silence.value)
        assert silence.value.connection_invalidated
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1")).scalar_one() == 1

    def test_an_answer_that_takes_its_time_is_waited_for(self, proxy, engine, monkeypatch):
        monkeypatch.setattr(database, "SILENCE_SECONDS", 20.0)
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1 FROM pg_sleep(0.7)")).scalar_one() == 1

    def test_the_server_itself_ends_a_statement_before_that(self):
        assert database.SILENCE_SECONDS * 1_000 > database.STATEMENT_TIMEOUT_MS
