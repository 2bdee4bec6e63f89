"""The benchmark's load client: `python -m tests.bench.client URL PLAN OUT`, a process of its own on the same machine.

PLAN has one JSON line per request: when to send it (seconds from the start; null: as soon as one of CONNECTIONS is
free), its key, its path, its bearer token, its body. Everything is made ready before the clock starts; then one thread
writes prepared bytes to kept-alive sockets and reads the answers: whatever it uses is missing to what is measured.
A 503 is sent again after its Retry-After, and its clock runs on from the first time. The clock of a request with a
moment begins at that moment, also when no connection is free then. Each sender (token) has connections of its own, as
organizations have: nobody waits in here for another's requests.

OUT gets `sent` ([key, begin of its clock, seconds from then to the answer]), `later` (how many 503) and `cpu_seconds`.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import sys
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.wire import Answer, request

CONNECTIONS = 16
PACED_CONNECTIONS = 32
"""Per sender."""
TAKEN = (200, 201)


@dataclass(order=True)
class Request:
    """`due` in seconds from the start; `begun` is when its clock began, None until it is first sent."""

    due: float
    key: str = field(compare=False)
    sender: str = field(compare=False)
    data: bytes = field(compare=False)
    paced: bool = field(compare=False)
    begun: float | None = field(compare=False, default=None)


@dataclass
class Lane:
    """A sender's requests that wait, soonest first, and its connections that are free."""

    waiting: list[Request] = field(default_factory=list)
    free: deque[socket.socket] = field(default_factory=deque)


class Client:
    """`run()` sends everything, each at its moment, over several sockets."""

    def __init__(self, netloc: str, requests: list[Request]) -> None:
        self._address = tuple(netloc.split(":"))
        self._lanes: dict[str, Lane] = defaultdict(Lane)
        for one in requests:
            heapq.heappush(self._lanes[one.sender].waiting, one)
        self._selector = selectors.DefaultSelector()
        self._under_way: dict[socket.socket, tuple[Request, Answer]] = {}
        self._paced = any(one.paced for one in requests)
        self.sent: list[tuple[str, float, float]] = []
        self.later = 0

    def run(self) -> None:
        for lane in self._lanes.values():
            for _ in range(PACED_CONNECTIONS if self._paced else CONNECTIONS):
                self._dial(lane)
        self._begun = time.time()
        while self._under_way or any(lane.waiting for lane in self._lanes.values()):
            pauses = [pause for lane in self._lanes.values() if (pause := self._send_due(lane)) is not None]
            for key, _ in self._selector.select(min(pauses, default=None)):
                self._read(key.fileobj, key.data)  # type: ignore[arg-type]

    def _dial(self, lane: Lane) -> None:
        host, port = self._address
        connection = socket.create_connection((host, int(port)), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ, lane)
        lane.free.append(connection)

    def _send_due(self, lane: Lane) -> float | None:
        """Send what is due while connections are free. Returns how long there is nothing more to send."""
        while lane.free and lane.waiting:
            now = time.time()
            if self._begun + lane.waiting[0].due > now:
                return self._begun + lane.waiting[0].due - now
            one = heapq.heappop(lane.waiting)
            connection = lane.free.popleft()
            if one.begun is None:
                one.begun = self._begun + one.due if one.paced else now
            self._under_way[connection] = (one, Answer())
            connection.sendall(one.data)
        return None

    def _read(self, connection: socket.socket, lane: Lane) -> None:
        data = connection.recv(65_536)
        if not data:
            self._replace(connection, lane)
            return
        one, answer = self._under_way[connection]
        if not answer.feed(data):
            return
        del self._under_way[connection]
        lane.free.append(connection)
        self._note(one, answer)

    def _replace(self, connection: socket.socket, lane: Lane) -> None:
        """The server hung up, as it may at any moment; what was under way is sent again, which is safe to do."""
        self._selector.unregister(connection)
        if connection in self._under_way:
            heapq.heappush(lane.waiting, self._under_way.pop(connection)[0])
        else:
            lane.free.remove(connection)
        connection.close()
        self._dial(lane)

    def _note(self, one: Request, answer: Answer) -> None:
        if answer.status in TAKEN and one.begun is not None:
            self.sent.append((one.key, one.begun, time.time() - one.begun))
        elif answer.status == 503:
            self.later += 1
            one.due = time.time() - self._begun + float(answer.header("retry-after", "1"))
            heapq.heappush(self._lanes[one.sender].waiting, one)
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
            found.append(Request(due or 0.0, key, token, data, due is not None))
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
