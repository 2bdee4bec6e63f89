"""What a case of the benchmark costs before a line of our own has run: the processor time of its rows, its two requests
and its three hand-overs, each done as cheaply as this machine's PostgreSQL, web server and sockets do them.

No design that stores, answers and hands over the same on the same cores can do with less, so the rate at this floor is
a ceiling for every aim. Left out, in favour of the ceiling: changes of rows, commits, look-ups, and all of Celery.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local.embedded import credentials
from services.notifications.channels.base import Outgoing
from services.notifications.channels.kannel import KannelAccount, KannelChannel, report_url
from shared.ids import new_id
from tests.bench.figures import BEST_CELERY, REPETITIONS, Figure, Results
from tests.bench.ladder_http import REQUESTS, requests_per_second, serving
from tests.bench.pipeline import flood, warm
from tests.bench.sending import Case, document
from tests.bench.stack import GATEWAY, Stack, running

CASES = int(os.environ.get("BENCH_CASES", "3000"))
FIRST = 4_000_000
MESSAGES = 3
SCHEMAS = ("bus", "intake", "referral", "notifications")
TABLES = "SELECT schemaname, relname FROM pg_stat_user_tables WHERE schemaname = ANY(%s) ORDER BY 1, 2"


def run(_stack: object, results: Results) -> None:
    """Add the floor of a case by its parts, and the rates that all cores together could reach at it."""
    with running() as stack:
        warm(stack)
        flood(stack, FIRST, CASES)
        rows = [cpu_of_rows(stack) for _ in range(REPETITIONS)]
        sending = [cpu_of_sending(stack) for _ in range(REPETITIONS)]
    posts, reports = (
        [cpu_of_requests(path) for _ in range(REPETITIONS)] for path in ("/validate", "/nothing")
    )
    parts = {
        "its rows with their indexes": rows,
        "its POST, validated": posts,
        "its delivery report": reports,
        "its three hand-overs, both sides": sending,
    }
    for what, values in parts.items():
        results.add(Figure(f"floor of a case: {what}", "ms", values))
    whole = [sum(values) for values in zip(*parts.values(), strict=True)]
    imported = [cost - post for cost, post in zip(whole, posts, strict=True)]
    cores = os.cpu_count() or 1
    for what, costs in (("one assessment", whole), ("import", imported)):
        rates = [cores * 1000 / cost for cost in costs]
        results.add(Figure(f"{what}, all cores at the floor", "1/s", rates, against=BEST_CELERY))


def cpu_of_rows(stack: Stack) -> float:
    """PostgreSQL's milliseconds to write the rows of a case once more, each table's in one statement."""
    with stack.admin() as conn:
        cases = _rows(conn, ("intake", "assessment"))
        tables = [one for one in conn.execute(TABLES, [list(SCHEMAS)]) if _rows(conn, one) >= cases / 2]
        conn.execute("DROP SCHEMA IF EXISTS floor CASCADE")
        conn.execute("CREATE SCHEMA floor")
        for schema, table in tables:
            conn.execute(f"CREATE TABLE floor.{schema}_{table} (LIKE {schema}.{table} INCLUDING ALL)")
        before = stack.cpu()["postgres"]
        for schema, table in tables:
            conn.execute(
                f"INSERT INTO floor.{schema}_{table} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{table}"
            )
        used = stack.cpu()["postgres"] - before
        conn.execute("DROP SCHEMA floor CASCADE")
    return used * 1000 / cases


def _rows(conn, table: tuple[str, str]) -> int:
    """How many rows a table has; those with less than one for two cases (the directory, the rules) are not a case's."""
    found = conn.execute("SELECT count(*) FROM {}.{}".format(*table)).fetchone()
    return int(found[0])


def cpu_of_sending(stack: Stack) -> float:
    """Milliseconds of this process and of the gateway for the messages of a case, of which nobody wants a report."""
    settings = {**credentials.read(stack.data / "secrets.env"), **stack.settings}
    reports = report_url(stack.url, settings["KANNEL_DLR_SECRET"])
    channel = KannelChannel(
        KannelAccount(settings["KANNEL_SENDSMS_URL"], "ruta", "bench", "88888", reports), parallel=4
    )
    messages = [
        Outgoing(new_id(), "+570000000000", "x" * 120, confirm=False) for _ in range(CASES * MESSAGES)
    ]
    gateway = stack.cpu()[GATEWAY]
    own = time.process_time()
    channel.send_all(messages)
    used = time.process_time() - own + stack.cpu()[GATEWAY] - gateway
    channel.close()
    return used * 1000 / CASES


def cpu_of_requests(path: str) -> float:
    """Milliseconds of the bare server for one request, without its client."""
    with tempfile.TemporaryDirectory(prefix="ruta-bench-") as name:
        plan = Path(name) / "plan.ndjson"
        body = json.dumps(document(Case(1))) if path == "/validate" else "{}"
        plan.write_text("".join(json.dumps([None, str(at), path, "", body]) + "\n" for at in range(REQUESTS)))
        with serving(Path(name), 1) as url:
            return used_by_children(lambda: requests_per_second(url, plan)) * 1000 / REQUESTS


def used_by_children(act: Callable[[], object]) -> float:
    """CPU seconds of the children that run before and after `act`."""
    own = psutil.Process().children(recursive=True)
    before = sum(map(_seconds, own))
    act()
    return sum(map(_seconds, own)) - before


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
