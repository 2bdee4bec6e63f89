"""What a second host of workers adds, against the same broker, database and web process.

A host is a network namespace with a cable of its own and one worker of each service; it reaches the machine over
forwarders. All hosts share this machine's cores with the database, so two of them cannot do twice the work unless a
host's share is small. Therefore both are measured: hosts held to QUOTA of a core each by a control group, with the
database far from its limit (its use of the cores is a row of its own), and hosts without a limit.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from deploy.local.programs import SERVICES
from tests.bench.figures import REPETITIONS, Figure, Results
from tests.bench.pipeline import CLIENT, flood, warm
from tests.bench.quota import quota
from tests.bench.stack import GATEWAY, ROOT, Stack, running
from tests.integration.hosts.machines import Host

CASES = 1_000
QUOTA = 0.2
FIRST, APART = 7_000_000, 10_000
START_PATIENCE = 120.0


def run(_stack: object, results: Results) -> None:
    """Add the throughput of one and of two hosts, with and without a limit."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        sys.stderr.write("bench: hosts left out, they need root and iproute2\n")
        return
    with running("tests.bench.head") as stack:
        first = FIRST
        for limit in (QUOTA, None):
            for count in (1, 2):
                with hosts(stack, count) as started:
                    warm(stack, first)
                    with held(started, limit):
                        report(results, measure(stack, first + 1_000), count, limit)
                first += APART


def measure(stack: Stack, first: int) -> list[tuple[float, float]]:
    """Cases a second, and the cores that everything but the hosts used, of each repetition."""
    found = []
    for again in range(REPETITIONS):
        rate, cpu = flood(stack, first + again * CASES, CASES)
        others = sum(cpu[name] for name in cpu if name not in {CLIENT, GATEWAY})
        found.append((rate, others * rate / 1000))
    return found


def report(results: Results, measured: list[tuple[float, float]], count: int, limit: float | None) -> None:
    """One row for the rate, against one host's when there are two, and one for the cores of web and servers."""
    held = "no limit" if limit is None else f"{limit:g} cores each"
    names = {1: f"one worker host, {held}", 2: f"two worker hosts, {held}"}
    rates = [rate for rate, _ in measured]
    results.add(Figure(names[count], "1/s", rates, against=names[1] if count == 2 else None))
    results.add(Figure(f"{names[count]}: web, database, broker use", "cores", [used for _, used in measured]))


@contextmanager
def hosts(stack: Stack, count: int) -> Iterator[list[Host]]:
    """So many hosts, each with one worker of every service, all of them up."""
    with ExitStack() as until:
        started = [Host(number) for number in range(1, count + 1)]
        for host in started:
            until.callback(end, host)
            host.start()
            until.enter_context(forwarding(stack, host))
        wait_up([work(stack, host, service) for host in started for service in SERVICES])
        yield started


@contextmanager
def held(started: list[Host], limit: float | None) -> Iterator[None]:
    """Every host held to `limit` cores. Ends the hosts: a group can only go when nobody is in it."""
    with ExitStack() as until:
        for host in started if limit else ():
            members = until.enter_context(quota(str(host.number), limit or 0.0))
            until.callback(end, host)
            for process in host.processes:
                members.write_text(str(process.pid))
        yield


def end(host: Host) -> None:
    """Take the host away, once."""
    if host.processes:
        host.remove()
    host.processes.clear()


@contextmanager
def forwarding(stack: Stack, host: Host) -> Iterator[None]:
    """The machine's servers at the host's end of the cable, carried by a process of its own."""
    command = [sys.executable, "-m", "tests.bench.forward", host.machine, *map(str, ports(stack.settings))]
    with (stack.folder / "forward.out").open("ab") as out:
        forward = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield
    finally:
        forward.send_signal(signal.SIGTERM)
        forward.wait(30)


def work(stack: Stack, host: Host, service: str) -> Path:
    """Start a worker on the host; returns the file that its output goes to."""
    file = stack.folder / f"host-{host.number}-{service}.out"
    with file.open("wb") as out:
        process = subprocess.Popen(
            ["ip", "netns", "exec", host.name, sys.executable, "-m", f"services.{service}.worker"],
            cwd=ROOT,
            env={**os.environ, **over_cable(stack.settings, host.machine)},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    host.processes.append(process)
    return file


def wait_up(outputs: list[Path]) -> None:
    """Wait until every worker has shown which queues it reads, and a moment longer."""
    until = time.monotonic() + START_PATIENCE
    while not all(b"[queues]" in output.read_bytes() for output in outputs):
        if time.monotonic() > until:
            raise TimeoutError("not every worker came up")
        time.sleep(0.1)
    time.sleep(1.0)


def over_cable(settings: Mapping[str, str], machine: str) -> dict[str, str]:
    """The settings of the processes as they are on a host that calls the machine `machine`."""
    found = {name: value.replace("127.0.0.1", machine) for name, value in settings.items()}
    for name, value in settings.items():
        if name.endswith("_DATABASE_URL"):
            url = make_url(value)
            there = url.set(host=machine, port=int(str(url.query["port"])), query={})
            found[name] = there.render_as_string(hide_password=False)
    return found


def ports(settings: Mapping[str, str]) -> list[int]:
    """Where database, broker, web process and gateway listen."""
    addresses = (settings["BROKER_URL"], settings["INTAKE_URL"], settings["KANNEL_SENDSMS_URL"])
    database = make_url(settings["INTAKE_DATABASE_URL"]).query["port"]
    return [int(str(database)), *(int(urlsplit(one).port or 0) for one in addresses)]
