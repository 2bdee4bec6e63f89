"""An SMS gateway that speaks Kannel's `sendsms` and can misbehave: `python -m tests.chaos.gateway PORT LOG`.

Every message it accepts is one line of LOG: when, to whom, our reference, the text, the mode. The line is on disk
before the answer is sent, as a gateway's own queue would be: what is in LOG reaches a phone.

`POST /control?mode=…`: `normal`, `slow` (answers after 2 s), `refuse` (500, takes nothing), `hang` (takes nothing,
answers nothing for 20 s), `silent` (accepts, never reports), `reset` (accepts, then breaks the connection), and, taking
nothing: `garbage` (bytes that are no HTTP), `redirect` (302, as a captive portal), `error` (200 with an error page).
Without a receiver it takes nothing and says 400, as Kannel does. `GET /count` answers how many it accepted, how many
calls wait for their answer, and how many reports are open.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

MODES = ("normal", "slow", "refuse", "hang", "silent", "reset", "garbage", "redirect", "error")
SLOW_SECONDS = 2.0
HANG_SECONDS = 20.0
REFERENCE = re.compile(r"/([0-9a-f-]{36})\?code=")
REPORTERS = 2


class Gateway(ThreadingHTTPServer):
    """The server and its state."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, log: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mode = "normal"
        self.accepted = 0
        self.waiting = 0
        self.changed = threading.Event()
        self.reports: queue.Queue[str] = queue.Queue()
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.lock = threading.Lock()
        for _ in range(REPORTERS):
            threading.Thread(target=self._report_forever, daemon=True).start()

    def accept(self, query: dict[str, str]) -> None:
        """Take a message: from here on it reaches the phone."""
        found = REFERENCE.search(query.get("dlr-url", ""))
        line = {
            "at": time.time(),
            "to": query.get("to", ""),
            "reference": found.group(1) if found else None,
            "text": query.get("text", ""),
            "mode": self.mode,
        }
        with self.lock:
            os.write(self._log, (json.dumps(line) + "\n").encode())
            os.fdatasync(self._log)
            self.accepted += 1
        if self.mode not in {"silent", "reset"} and "dlr-url" in query:
            self.reports.put(query["dlr-url"].replace("%d", "1"))

    def state(self) -> dict[str, object]:
        return {
            "accepted": self.accepted,
            "waiting": self.waiting,
            "open_reports": self.reports.unfinished_tasks,
            "mode": self.mode,
        }

    def switch(self, mode: str) -> None:
        self.mode = mode
        self.changed.set()
        self.changed = threading.Event()

    def _report_forever(self) -> None:
        """Call the delivery report of each message, again and again until it is taken, as Kannel does."""
        session = requests.Session()
        while True:
            url = self.reports.get()
            try:
                taken = session.get(url, timeout=5).status_code < 500
            except requests.RequestException:
                taken = False
            if not taken:
                time.sleep(0.2)
                self.reports.put(url)
            self.reports.task_done()


class Handler(BaseHTTPRequestHandler):
    """One connection of the product, or of the test that steers."""

    server: Gateway
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/count":
            self._answer(200, json.dumps(self.server.state()))
            return
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        getattr(self, f"_{self.server.mode}")(query)

    def do_POST(self) -> None:
        mode = parse_qs(urlsplit(self.path).query).get("mode", ["normal"])[0]
        if mode not in MODES:
            self._answer(400, "no such mode")
            return
        self.server.switch(mode)
        self._answer(200, mode)

    def _normal(self, query: dict[str, str]) -> None:
        if not query.get("to"):
            self._answer(400, "Missing receiver number, rejected")
            return
        self.server.accept(query)
        self._answer(202, "0: Accepted for delivery")

    _silent = _normal

    def _slow(self, query: dict[str, str]) -> None:
        time.sleep(SLOW_SECONDS)
        self._normal(query)

    def _refuse(self, _: dict[str, str]) -> None:
        self._answer(500, "Internal error")

    def _hang(self, _: dict[str, str]) -> None:
        with self.server.lock:
            self.server.waiting += 1
        self.server.changed.wait(HANG_SECONDS)
        with self.server.lock:
            self.server.waiting -= 1
        self._break()

    def _garbage(self, _: dict[str, str]) -> None:
        self.wfile.write(bytes(range(256)) + b"\r\n\r\n")
        self.close_connection = True

    def _redirect(self, _: dict[str, str]) -> None:
        self._answer(302, "", Location="http://portal.invalid/login")

    def _error(self, _: dict[str, str]) -> None:
        self._answer(200, "<html><title>Service temporarily unavailable</title></html>")

    def _reset(self, query: dict[str, str]) -> None:
        if query.get("to"):
            self.server.accept(query)
        self._break()

    def _break(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _answer(self, status: int, body: str, **headers: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Its log is the file of accepted messages."""

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the other side, or we, broke the connection
            super().handle()


if __name__ == "__main__":
    Gateway(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()
