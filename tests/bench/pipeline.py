"""Whole cases: from POST to the hand-over at the SMS gateway, on the full embedded stack with a gateway of its own.

One case is one person with one ordinary need and a phone of their own: assessed, routed by the tables, matched,
referred, and told by one SMS. The gateway logs each message when it takes it; the last of the run ends the clock.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from deploy.local.embedded import credentials
from deploy.local.embedded.ports import free_port
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web.actor import Actor
from tests.bench.figures import Figure, Results
from tests.chaos import cases

ROOT = Path(__file__).parents[2]
CASES = int(os.environ.get("BENCH_CASES", "2000"))
LIGHT_CASES = 200
LIGHT_RATE = 10.0
IMPORT_CASES = int(os.environ.get("BENCH_IMPORT", "10000"))
CELERY = "empty Celery tasks, published and run"
PROCESSES = ("web", "worker-intake", "worker-referral", "worker-notifications", "postgres", "valkey")


@dataclass
class Stack:
    """The running product and its gateway."""

    folder: Path
    port: int
    gateway: int
    up_seconds: float

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def taken(self) -> dict[str, float]:
        """When the gateway took the first message to each person's phone."""
        found: dict[str, float] = {}
        with (self.folder / "gateway.jsonl").open() as log:
            for line in log:
                message = json.loads(line)
                found.setdefault(message["to"], message["at"])
        return found

    def cpu(self) -> dict[str, float]:
        """CPU seconds used so far, by process with its children."""
        used = dict.fromkeys(PROCESSES, 0.0)
        for row in json.loads((self.data / "processes.json").read_text()):
            for process in with_children(row["pid"]):
                times = process.cpu_times()
                used[row["name"]] = used.get(row["name"], 0.0) + times.user + times.system
        return used

    def memory(self) -> float:
        """Proportional memory of everything, in MB."""
        rows = json.loads((self.data / "processes.json").read_text())
        processes = [one for row in rows for one in with_children(row["pid"])]
        return sum(process.memory_full_info().pss for process in processes) / 1e6


def with_children(pid: int) -> list[psutil.Process]:
    """A process and its descendants; empty when it is gone."""
    try:
        found = psutil.Process(pid)
        return [found, *found.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def run(_stack: object, results: Results) -> None:
    """Add the figures of whole cases to `results`."""
    with running() as stack:
        results.add(Figure("ruta up to ready, installed", "s", [stack.up_seconds], note="budget: < 10 s"))
        time.sleep(5)
        results.add(Figure("whole stack idle", "MB", [stack.memory()], note="budget: < 700 MB"))
        light(stack, results)
        sustained(stack, results)
        bulk(stack, results)


@contextmanager
def running() -> Iterator[Stack]:
    """The product on ports of its own, with an invented directory, talking to a logging gateway."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-bench-"))
    port, gateway = free_port(), free_port()
    (folder / "gateway.jsonl").touch()
    (folder / "directory.json").write_text(json.dumps(cases.directory()))
    children = [
        spawn(folder, "gateway", "-m", "tests.chaos.gateway", str(gateway), str(folder / "gateway.jsonl"))
    ]
    begun = time.perf_counter()
    try:
        up = ("-m", "deploy.local.cli", "up", "--port", str(port), "--data", str(folder / "data"))
        children.append(spawn(folder, "up", *up, env=through(gateway)))
        wait_ready(port, folder)
        stack = Stack(folder, port, gateway, time.perf_counter() - begun)
        command = [
            sys.executable,
            "-m",
            "deploy.local.cli",
            "import",
            "directory",
            str(folder / "directory.json"),
        ]
        subprocess.run([*command, "--data", str(stack.data)], cwd=ROOT, check=True, capture_output=True)
        yield stack
    finally:
        for child in reversed(children):
            child.send_signal(signal.SIGTERM)
            child.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def spawn(
    folder: Path, name: str, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **(env or {})}, stdout=log, stderr=log
        )


def through(gateway: int) -> dict[str, str]:
    """The settings that lead messages to our gateway, without the limits that spare a person."""
    return {
        "SMS_CHANNEL": "kannel",
        "KANNEL_SENDSMS_URL": f"http://127.0.0.1:{gateway}/cgi-bin/sendsms",
        "KANNEL_USERNAME": "ruta",
        "KANNEL_PASSWORD": "bench",
        "KANNEL_SMS_FROM": "88888",
        "MESSAGES_PER_DAY": "100000",
        "MESSAGES_PER_WEEK": "100000",
        "LOG_LEVEL": "WARNING",
    }


def wait_ready(port: int, folder: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urls = [
                f"http://127.0.0.1:{port}/{name}/ready" for name in ("intake", "referral", "notifications")
            ]
            if all(requests.get(url, timeout=2).status_code == 200 for url in urls):
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise TimeoutError((folder / "up.log").read_text()[-3000:])


def send(stack: Stack, kind: str, first: int, count: int, rate: float = 0.0) -> list[tuple[str, float]]:
    """Post `count` cases from a process of its own; returns (phone, moment of the POST) of each."""
    secret = credentials.read(stack.data / "secrets.env")["SECRET_KEY"]
    out = stack.folder / f"{kind}-{first}.json"
    arguments = [stack.url, str(first), str(count), str(rate), str(out)]
    command = [sys.executable, "-m", "tests.bench.client", *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "SECRET_KEY": secret}, check=True)
    return [(phone, at) for phone, at in json.loads(out.read_text())]


def wait_taken(stack: Stack, phones: set[str], seconds: float = 240) -> dict[str, float]:
    """Wait until the gateway has taken a message to each of `phones`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        taken = stack.taken()
        if phones <= taken.keys():
            return taken
        time.sleep(0.1)
    raise TimeoutError(
        f"{len(phones - taken.keys())} of {len(phones)} people were not told within {seconds} s"
    )


def light(stack: Stack, results: Results) -> None:
    """Latency of single cases, ten a second."""
    send(stack, "warm", 0, 20, LIGHT_RATE)
    sent = send(stack, "light", 100, LIGHT_CASES, LIGHT_RATE)
    taken = wait_taken(stack, {phone for phone, _ in sent})
    waits = sorted((taken[phone] - at) * 1000 for phone, at in sent)
    results.add(
        Figure(
            "light load, POST to hand-over, p50", "ms", [statistics.median(waits)], note="budget: < 100 ms"
        )
    )
    p99 = waits[int(len(waits) * 0.99) - 1]
    results.add(Figure("light load, POST to hand-over, p99", "ms", [p99], note="budget: < 500 ms"))


def sustained(stack: Stack, results: Results) -> None:
    """Cases a second over whole runs, and where the CPU goes."""
    rates, first = [], 10_000
    before = stack.cpu()
    for _ in range(3):
        sent = send(stack, "sustained", first, CASES)
        taken = wait_taken(stack, {phone for phone, _ in sent})
        rates.append(CASES / (max(taken[phone] for phone, _ in sent) - min(at for _, at in sent)))
        first += CASES
    name = "one assessment, POST to hand-over, sustained"
    results.add(Figure(name, "1/s", rates, against=CELERY, budget=1.5))
    after = stack.cpu()
    for process in PROCESSES:
        spent = (after[process] - before[process]) * 1000 / (3 * CASES)
        results.add(Figure(f"CPU of a case: {process}", "ms", [spent]))


def bulk(stack: Stack, results: Results) -> None:
    """A file of cases, from the import's start to the last hand-over."""
    first = 1_000_000
    file = stack.folder / "import.ndjson"
    with file.open("w") as out:
        for number in range(first, first + IMPORT_CASES):
            out.write(json.dumps(one_case(number)) + "\n")
    phones = {cases.phone_of(number) for number in range(first, first + IMPORT_CASES)}
    begun = time.time()
    token = focal_point_token(credentials.read(stack.data / "secrets.env")["SECRET_KEY"])
    command = [sys.executable, "-m", "deploy.local.cli", "import", "assessments", str(file)]
    subprocess.run(
        [*command, "--url", stack.url, "--token", token], cwd=ROOT, check=True, capture_output=True
    )
    read = time.time() - begun
    taken = wait_taken(stack, phones, seconds=600)
    whole = max(taken[phone] for phone in phones) - begun
    results.add(
        Figure(f"import of {IMPORT_CASES:,}, to durable", "1/s", [IMPORT_CASES / read], against=CELERY)
    )
    name = f"import of {IMPORT_CASES:,}, to hand-over"
    results.add(Figure(name, "1/s", [IMPORT_CASES / whole], against=CELERY, budget=5.0))


def focal_point_token(secret_key: str) -> str:
    """A credential of an invented focal point."""
    actor = Actor(new_id(), "focal_point", cases.stable_id("sender", 0, 0), "Bench", "es", new_id(), "api")
    return mint(actor, secret_key=secret_key)


def one_case(number: int) -> dict[str, object]:
    """Case `number`: one ordinary need, one phone."""
    case = cases.assessment(0, number)
    case["needs"] = [
        {"id": cases.stable_id("bench need", 0, number), "code": "EDU.OOS", "refer": True, "facts": {}}
    ]
    return case
