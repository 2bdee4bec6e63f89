"""The ladder's HTTP rungs: the same server, client and document as for whole cases, and nothing behind them."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from deploy.local.embedded.ports import free_port
from deploy.local.web import THREADS
from tests.bench.figures import Figure, Results, repeated
from tests.bench.sending import Case, document, run_client
from tests.bench.stack import spawn

REQUESTS = 4_000
RUNGS = {
    "HTTP that does nothing, one process": ("/nothing", 1),
    "HTTP that validates an assessment, one process": ("/validate", 1),
    "HTTP that validates an assessment, two processes": ("/validate", 2),
}


def run(results: Results) -> None:
    """Add requests a second of each rung."""
    with tempfile.TemporaryDirectory(prefix="ruta-bench-") as name:
        folder = Path(name)
        for rung, (path, processes) in RUNGS.items():
            plan = folder / "plan.ndjson"
            body = json.dumps(document(Case(1)))
            plan.write_text(
                "".join(json.dumps([None, str(at), path, "", body]) + "\n" for at in range(REQUESTS))
            )
            with serving(folder, processes) as url:
                results.add(
                    Figure(rung, "1/s", repeated(lambda url=url, plan=plan: requests_per_second(url, plan)))
                )


def requests_per_second(url: str, plan: Path) -> float:
    """From the first request to the last answer."""
    sent = run_client(url, plan, plan.with_name("sent.json"))
    ends = [at + sent.answered[key] for key, at in sent.at.items()]
    return len(ends) / (max(ends) - min(sent.at.values()))


@contextmanager
def serving(folder: Path, processes: int) -> Iterator[str]:
    """The bare application under granian, with the product's options."""
    port = free_port()
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--backpressure", "256"]
    options += ["--workers", str(processes), "--blocking-threads", str(THREADS), "--log-level", "warning"]
    server = spawn(folder, "http", "granian", *options, "--no-ws", "tests.bench.validating:application")
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(url)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def wait_until_it_answers(url: str, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if requests.post(f"{url}/nothing", timeout=2).status_code == 201:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers at {url} with {sys.executable}")
