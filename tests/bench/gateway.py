"""The benchmark's SMS gateway: `python -m tests.bench.gateway PORT LOG`. Speaks Kannel's `sendsms`, lean on purpose.

Stands for a gateway on a machine of its own, so it must cost next to nothing here: one event loop, no framework, all
messages of one turn of the loop written to LOG at once. A line (moment, receiver) is in LOG before the answer leaves.
Delivery reports are called as Kannel calls them: those alone that the mask asks for, over kept-alive connections,
several at a time, again and again until taken.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from urllib.parse import parse_qs, urlsplit

from tests.bench.wire import Answer

DELIVERED = 1
REPORTERS = 8
AGAIN_SECONDS = 0.2
BODY = b"0: Accepted for delivery"
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class Gateway:
    """What has been taken, and the reports that are owed."""

    def __init__(self, log: str) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lines: list[str] = []
        self._waiting: list[asyncio.Transport] = []
        self._owed: deque[str] = deque()
        self._free: list[Reporter] = []
        self._reporters = 0
        self._dialling: set[asyncio.Task] = set()

    def take(self, target: str, transport: asyncio.Transport) -> None:
        """One `sendsms` call; it is answered when its line is written."""
        query = parse_qs(urlsplit(target).query)
        self._lines.append(f"{time.time():.6f}\t{query['to'][0]}\n")
        self._waiting.append(transport)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._write)
        if int(query.get("dlr-mask", ["0"])[0]) & DELIVERED:
            self.owe(query["dlr-url"][0].replace("%d", str(DELIVERED)))

    def _write(self) -> None:
        os.write(self._log, "".join(self._lines).encode())
        for transport in self._waiting:
            transport.write(ACCEPTED)
        self._lines.clear()
        self._waiting.clear()

    def owe(self, report: str) -> None:
        """Call `report` as soon as a connection is free."""
        self._owed.append(report)
        if self._free:
            self._free.pop().call(self._owed.popleft())
        elif self._reporters < REPORTERS:
            self._reporters += 1
            address = urlsplit(report)
            loop = asyncio.get_running_loop()
            dialling = loop.create_task(
                loop.create_connection(lambda: Reporter(self), address.hostname, address.port)
            )
            self._dialling.add(dialling)
            dialling.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task) -> None:
        self._dialling.discard(task)
        if task.exception() is not None:
            self._reporters -= 1
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._dial_again)

    def _dial_again(self) -> None:
        if self._owed:
            self.owe(self._owed.popleft())

    def is_free(self, reporter: Reporter) -> None:
        if self._owed:
            reporter.call(self._owed.popleft())
        else:
            self._free.append(reporter)

    def is_gone(self, reporter: Reporter) -> None:
        self._reporters -= 1
        if reporter in self._free:
            self._free.remove(reporter)


class Reporter(asyncio.Protocol):
    """One connection that calls delivery reports, one after the other."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._report: str | None = None
        self._answer = Answer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._gateway.is_free(self)

    def call(self, report: str) -> None:
        self._report, address = report, urlsplit(report)
        target = f"{address.path}?{address.query}"
        self._transport.write(f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self._answer.feed(data):
            return
        report, self._report = self._report, None
        if self._answer.status >= 500 and report is not None:
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._gateway.owe, report)
        self._answer = Answer()
        self._gateway.is_free(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._gateway.is_gone(self)
        if self._report is not None:
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._gateway.owe, self._report)


class Line(asyncio.Protocol):
    """One connection of the product: a GET at a time, without a body."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self._gateway.take(head.split(b" ", 2)[1].decode(), self._transport)  # type: ignore[arg-type]


async def serve(port: int, log: str) -> None:
    gateway = Gateway(log)
    server = await asyncio.get_running_loop().create_server(
        lambda: Line(gateway), "127.0.0.1", port, backlog=256
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
