"""A database that vanished without a word must be noticed."""

import socket

from sqlalchemy import make_url

from shared.database import make_engine


def test_the_system_is_told_to_notice_a_silent_server_within_half_a_minute(stack):
    over_tcp = make_url(stack.database_url("intake"))
    address = over_tcp.set(host="127.0.0.1", port=stack.embedded.postgres.port, query={})
    engine = make_engine(address.render_as_string(hide_password=False).replace("+psycopg", ""))
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
