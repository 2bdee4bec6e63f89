"""The ceiling: what PostgreSQL, broker, Celery and web server do on this machine with nothing of ours on top."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile

import psycopg
import redis

from deploy.local.embedded import EmbeddedStack
from deploy.local.embedded.postgres import binary
from tests.bench import ladder_celery, ladder_http
from tests.bench.figures import Figure, Results, rate, repeated

ROW = {
    "id": "0" * 36,
    "type": "assessment.submitted.v1",
    "subject": "assessment/" + "0" * 36,
    "data": "x" * 200,
}


def run(stack: EmbeddedStack, results: Results) -> None:
    """Add the ladder's figures to `results`."""
    url = stack.database_url("admin").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA IF NOT EXISTS bench")
        conn.execute("DROP TABLE IF EXISTS bench.row")
        conn.execute("CREATE TABLE bench.row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text)")
    for clients in (1, 4, 16):
        results.add(
            Figure(
                f"pgbench single durable inserts, {clients} clients",
                "1/s",
                repeated(lambda clients=clients: pgbench(stack, url, clients)),
            )
        )
    results.add(Figure("COPY, 1,000 rows a commit", "1/s", repeated(lambda: copy_rows(url))))
    results.add(Figure("Redis LPUSH, pipelines of 32", "1/s", repeated(lambda: lpush(stack.broker_url))))
    ladder_celery.run(stack.broker_url, results)
    ladder_http.run(results)


def pgbench(stack: EmbeddedStack, url: str, clients: int, seconds: int = 3) -> float:
    """Durable one-row inserts per second by `clients`, prepared."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as script:
        script.write(f"INSERT INTO bench.row (data) VALUES ('{ROW['data']}');\n")
    os.chmod(script.name, 0o644)
    done = subprocess.run(
        [
            str(binary("pgbench")),
            "--no-vacuum",
            "--file",
            script.name,
            "--protocol=prepared",
            f"--client={clients}",
            f"--jobs={min(clients, 2)}",
            f"--time={seconds}",
            url,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    os.unlink(script.name)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found.group(1))


def copy_rows(url: str, batches: int = 20) -> float:
    """Rows per second by COPY, 1,000 a commit."""

    def work() -> int:
        with psycopg.connect(url) as conn:
            for _ in range(batches):
                with conn.cursor().copy("COPY bench.row (data) FROM STDIN") as copy:
                    for _ in range(1000):
                        copy.write_row((ROW["data"],))
                conn.commit()
        return batches * 1000

    return rate(work)


def lpush(broker_url: str, rounds: int = 500) -> float:
    """LPUSHes per second in pipelines of 32."""

    def work() -> int:
        body = json.dumps(ROW)
        with redis.Redis.from_url(broker_url) as broker:
            for _ in range(rounds):
                with broker.pipeline(transaction=False) as pipe:
                    for _ in range(32):
                        pipe.lpush("bench", body)
                    pipe.execute()
            broker.delete("bench")
        return rounds * 32

    return rate(work)
