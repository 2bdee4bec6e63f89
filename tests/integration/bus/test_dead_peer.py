"""A database that vanished without a word must be noticed."""

import socket
import threading

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from shared import silence
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
        monkeypatch.setattr(silence, "LATE_SECONDS", 0.3)
        monkeypatch.setattr(silence, "AGAIN_SECONDS", 0.2)
        monkeypatch.setattr(silence, "FRESH_SECONDS", 0.1)
        made = make_engine(over_tcp(stack, proxy.port))
        yield made
        made.dispose()

    def test_who_waits_for_an_answer_gives_the_connection_up_and_gets_another(self, proxy, engine):
        with engine.connect() as conn:
            conn.execute(text("SELECT 1"))
            proxy.strand()
            with pytest.raises(OperationalError, match="works on nothing") as given_up:
                conn.execute(text("SELECT 1"))
        assert is_transient(given_up.value)
        assert given_up.value.connection_invalidated
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1")).scalar_one() == 1

    def test_what_the_server_still_holds_for_it_is_let_go(self, proxy, engine, stack):
        """Else a batch that was claimed stays with nobody until the server's own patience ends."""
        with engine.connect() as conn:
            conn.execute(text("SELECT pg_advisory_xact_lock(4711)"))
            proxy.strand(held=True)
            with pytest.raises(OperationalError, match="works on nothing"):
                conn.execute(text("SELECT 1"))
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1 FROM pg_advisory_xact_lock(4711)")).scalar_one() == 1

    def test_an_answer_that_takes_its_time_is_waited_for(self, engine):
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1 FROM pg_sleep(2)")).scalar_one() == 1

    def test_so_is_one_that_waits_for_another_or_comes_bit_by_bit(self, proxy, engine):
        with engine.connect() as holder, engine.connect() as conn:
            holder.execute(text("SELECT pg_advisory_xact_lock(4712)"))
            letting_go = threading.Timer(1.5, holder.rollback)
            letting_go.start()
            assert conn.execute(text("SELECT 1 FROM pg_advisory_xact_lock(4712)")).scalar_one() == 1
            letting_go.join()
            proxy.delay = 0.1
            long = conn.execute(text("SELECT repeat('x', 1500000)")).scalar_one()
        assert len(long) == 1_500_000

    def test_when_nobody_can_be_asked_it_is_given_up_in_the_end(self, proxy, engine, monkeypatch):
        monkeypatch.setattr(silence, "SILENCE_SECONDS", 1.0)
        with engine.connect() as conn:
            conn.execute(text("SELECT 1"))
            proxy.silence()
            with pytest.raises(OperationalError, match="no answer") as given_up:
                conn.execute(text("SELECT 1"))
        assert given_up.value.connection_invalidated

    def test_a_pooler_in_between_tells_nothing_about_a_connection(self, engine, monkeypatch):
        """It gives numbers of its own to connections, so that none is among the server's."""
        with engine.connect() as conn:
            witness = conn.connection.driver_connection.witness
        assert witness.working()
        monkeypatch.setattr(silence, "WORKING", silence.WORKING.replace("backend_pid()", "backend_pid() + 1"))
        monkeypatch.setattr(silence, "FRESH_SECONDS", 0.0)
        assert witness.working() is None

    def test_the_server_itself_ends_a_statement_before_that(self):
        assert silence.SILENCE_SECONDS * 1_000 > silence.STATEMENT_TIMEOUT_MS
