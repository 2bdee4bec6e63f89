"""One kept-alive HTTP connection to a gateway, for a single caller at a time.

Everything else in Ruta calls out through `requests`. Here a call is made for every message, and only the status of its
answer counts: with `requests` it costs 0.58 ms of processor time, with the standard library's `http.client` 0.10,
like this 0.04 (measured side by side). The errors are those of `shared.outbound`, told apart the same way.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from shared.outbound import CONNECT_SECONDS, OutboundError

PORTS: Final = {"http": 80, "https": 443}
PIECE: Final = 16_384
LONGEST_HEAD: Final = 65_536
LONGEST_REST: Final = 65_536
"""A longer text after the head is not read: hanging up is cheaper."""
END: Final = b"\r\n\r\n"
STATUS: Final = re.compile(rb"HTTP/1\.(?P<minor>[01]) (?P<status>[1-5]\d\d)(?:[ \r]|\Z)")
LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,5})[ \t]*(?:\r|\Z)", re.IGNORECASE)
ENDS: Final = re.compile(rb"\r\n(?:connection:[^\r]*close|transfer-encoding:)", re.IGNORECASE)


class Line:
    """GETs of one address. A connection that the other side has closed is noticed before it is used."""

    def __init__(self, url: str, *, read_seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or parts.hostname is None:
            raise ValueError("an address starts with http:// or https:// and names a host")
        self._address = (parts.hostname, parts.port or PORTS[parts.scheme])
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        host = parts.netloc.rpartition("@")[2]
        self._before = f"GET {parts.path or '/'}?"
        self._after = f" HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n"
        self._read_seconds = read_seconds
        self._connection: socket.socket | None = None

    def get(self, query: str) -> int:
        """The status of the answer to `?query`. Raises OutboundError: not connected (retryable), or no answer after
        the question was on its way (uncertain)."""
        if not query.isprintable() or " " in query:
            raise ValueError("a query is encoded")
        question = f"{self._before}{query}{self._after}".encode("ascii")
        connection = self._connected()
        try:
            connection.sendall(question)
            status, goes_on = _answer(connection)
        except TimeoutError as error:
            self.close()
            raise OutboundError("no answer in time", retryable=True, uncertain=True) from error
        except (OSError, ValueError) as error:
            self.close()
            raise OutboundError("connection failed", retryable=True, uncertain=True) from error
        if not goes_on:
            self.close()
        return status

    def _connected(self) -> socket.socket:
        if self._connection is not None and not _is_closed(self._connection):
            return self._connection
        self.close()
        try:
            connection = socket.create_connection(self._address, CONNECT_SECONDS)
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_hostname=self._address[0])
                connection.settimeout(self._read_seconds)
            except OSError:
                connection.close()
                raise
        except OSError as error:
            raise OutboundError("no connection", retryable=True) from error
        self._connection = connection
        return connection

    def close(self) -> None:
        """Hang up; the next call dials anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _answer(connection: socket.socket) -> tuple[int, bool]:
    """The status of the next answer, and whether another one may follow on this connection. Raises OSError when the
    other side hangs up before the head has ended, ValueError when it is no HTTP."""
    data = b""
    while True:
        head, end, rest = data.partition(END)
        if not end:
            data += _piece(connection, data)
            continue
        found = STATUS.match(head)
        if found is None:
            raise ValueError("no HTTP")
        status = int(found["status"])
        if status >= 200:  # a 1xx only says that the answer will come
            break
        data = rest
    length = LENGTH.search(head)
    if length is None or found["minor"] == b"0" or ENDS.search(head):
        return status, False
    return status, _is_read(connection, int(length[1]) - len(rest))


def _piece(connection: socket.socket, so_far: bytes) -> bytes:
    piece = connection.recv(PIECE) if len(so_far) < LONGEST_HEAD else b""
    if not piece:
        raise ConnectionError("no head")
    return piece


def _is_read(connection: socket.socket, left: int) -> bool:
    """Read what is left of a text that nobody needs; whether it came."""
    try:
        while 0 < left <= LONGEST_REST:
            piece = connection.recv(min(left, PIECE))
            if not piece:
                return False
            left -= len(piece)
    except OSError:
        return False
    return left == 0


def _is_closed(connection: socket.socket) -> bool:
    """Whether an idle connection has something to read: nothing was asked, so that can only be its end."""
    ready = select.poll()
    ready.register(connection, select.POLLIN)
    return bool(ready.poll(0))
