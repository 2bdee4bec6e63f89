"""The benchmark's load client: `python -m tests.bench.client URL PLAN OUT`, a process of its own on the same machine.

PLAN has one JSON line per request: when to send it (seconds from the start; null: as soon as one of CONNECTIONS is
free), its key, its path, its bearer token, its body. Everything is made ready before the clock starts; then one thread
writes prepared bytes to kept-alive sockets and reads the answers: whatever it uses is missing to what is measured.
A 503 is sent again after its Retry-After, and its clock runs on from the first time. The clock of a request with a
moment begins at that moment, also when no connection is free then.

OUT gets `sent` ([key, begin of its clock, seconds from then to the answer]), `later` (how many 503) and `cpu_seconds`.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.http import Answer, request

CONNECTIONS = 16
PACED_CONNECTIONS = 64
TAKEN = (200, 201)


@dataclass(order=True)
class Request:
    """`due` in seconds from the start; `begun` is when its clock began, None until it is first sent."""

    due: float
    key: str = field(compare=False)
    data: bytes = field(compare=False)
    paced: bool = field(compare=False)
    begun: float | None = field(compare=False, default=None)


class Client:
    """`run()` sends everything, each at its moment, over several sockets."""

    def __init__(self, netloc: str, requests: list[Request]) -> None:
        self._address = tuple(netloc.split(":"))
        self._waiting = requests
        heapq.heapify(self._waiting)
        self._selector = selectors.DefaultSelector()
        self._free: deque[socket.socket] = deque()
        self._under_way: dict[socket.socket, tuple[Request, Answer]] = {}
        self.sent: list[tuple[str, float, float]] = []
        self.later = 0

    def run(self) -> None:
        paced = any(one.paced for one in self._waiting)
        for _ in range(PACED_CONNECTIONS if paced else CONNECTIONS):
            self._dial()
        self._begun = time.time()
        while self._waiting or self._under_way:
            pause = self._send_due()
            for key, _ in self._selector.select(pause):
                self._read(key.fileobj)  # type: ignore[arg-type]

    def _dial(self) -> None:
        host, port = self._address
        connection = socket.create_connection((host, int(port)), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ)
        self._free.append(connection)

    def _send_due(self) -> float | None:
        """Send what is due while connections are free. Returns how long there is nothing more to send."""
        while self._free and self._waiting:
            now = time.time()
            if self._begun + self._waiting[0].due > now:
                return self._begun + self._waiting[0].due - now
            one = heapq.heappop(self._waiting)
            connection = self._free.popleft()
            if one.begun is None:
                one.begun = self._begun + one.due if one.paced else now
            self._under_way[connection] = (one, Answer())
            connection.sendall(one.data)
        return None

    def _read(self, connection: socket.socket) -> None:
        data = connection.recv(65_536)
        if not data:
            self._replace(connection)
            return
        one, answer = self._under_way[connection]
        if not answer.feed(data):
            return
        del self._under_way[connection]
        self._free.append(connection)
        self._note(one, answer)

    def _replace(self, connection: socket.socket) -> None:
        """The server hung up, as it may at any moment; what was under way is sent again, which is safe to do."""
        self._selector.unregister(connection)
        if connection in self._under_way:
            heapq.heappush(self._waiting, self._under_way.pop(connection)[0])
        else:
            self._free.remove(connection)
        connection.close()
        self._dial()

    def _note(self, one: Request, answer: Answer) -> None:
        if answer.status in TAKEN and one.begun is not None:
            self.sent.append((one.key, one.begun, time.time() - one.begun))
        elif answer.status == 503:
            self.later += 1
            one.due = time.time() - self._begun + float(answer.header("retry-after", "1"))
            heapq.heappush(self._waiting, one)
        else:
            raise SystemExit(f"{answer.status}: {answer.body[:500]!r}")


def read_plan(netloc: str, plan: Path) -> list[Request]:
    """Every request of the plan, as bytes."""
    found = []
    with plan.open() as lines:
        for line in lines:
            due, key, path, token, body = json.loads(line)
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            data = request("POST", netloc, path, body.encode(), headers)
            found.append(Request(due or 0.0, key, data, due is not None))
    return found


def main() -> None:
    url, plan, out = sys.argv[1:4]
    netloc = urlsplit(url).netloc
    client = Client(netloc, read_plan(netloc, Path(plan)))
    before = time.process_time()
    client.run()
    told: dict[str, Any] = {
        "sent": client.sent,
        "later": client.later,
        "cpu_seconds": time.process_time() - before,
    }
    Path(out).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
