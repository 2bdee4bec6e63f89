"""Whole cases: from POST to the hand-over at the SMS gateway, on the full embedded stack with a gateway of its own.

One case is one person with one ordinary need and a phone of their own: assessed, routed by the tables, matched,
referred to two organizations, and told by SMS. The clock of a case ends when the gateway takes the first message to
the person. Every protection is on: sealed columns, consent, gates, durable commits, receipts, doorbells.
"""

from __future__ import annotations

import os

from tests.bench.content import what_a_case_is
from tests.bench.figures import BEST_CELERY, REPETITIONS, Figure, Results, percentile
from tests.bench.machine import facts_of
from tests.bench.sending import Case, Sent, send, wait_quiet, wait_taken
from tests.bench.stack import GATEWAY, Stack, running

CASES = int(os.environ.get("BENCH_CASES", "3000"))
LIGHT_CASES = 200
LIGHT_RATE = 10.0
WARM_FIRST, LIGHT_FIRST, SUSTAINED_FIRST = 0, 1_000, 10_000
SUSTAINED = "one assessment, POST to hand-over, sustained"
CLIENT = "client of the benchmark"


def run(_stack: object, results: Results) -> None:
    """Add the figures of whole cases to `results`."""
    with running() as stack:
        results.machine |= facts_of(stack.admin())
        warm(stack)
        light(stack, results)
        sustained(stack, results)
        what_a_case_is(stack, results)
        results.add(Figure("memory after the load", "MB", [stack.memory()]))


def warm(stack: Stack, first: int = WARM_FIRST) -> None:
    """Some cases that are not counted: connections are open, code and caches are loaded."""
    told(stack, [Case(first + at, due=at / 20) for at in range(40)])
    told(stack, [Case(first + 100 + at) for at in range(200)])
    wait_quiet(stack)


def light(stack: Stack, results: Results, first: int = LIGHT_FIRST, where: str = "") -> None:
    """Latency of single cases, ten a second."""
    halves, tails = [], []
    for again in range(REPETITIONS):
        numbers = range(first + again * LIGHT_CASES, first + (again + 1) * LIGHT_CASES)
        _, waits = told(stack, [Case(number, due=at / LIGHT_RATE) for at, number in enumerate(numbers)])
        halves.append(percentile(waits, 0.5))
        tails.append(percentile(waits, 0.99))
    for name, values, budget in (("p50", halves, 100.0), ("p99", tails, 500.0)):
        results.add(
            Figure(
                f"light load, POST to hand-over{where}, {name}",
                "ms",
                values,
                budget=budget,
                at_least=False,
                note=f"{LIGHT_CASES} cases, {LIGHT_RATE:.0f} a second",
            )
        )


def sustained(stack: Stack, results: Results) -> None:
    """Cases a second over whole runs, and where the CPU goes."""
    measured = [flood(stack, SUSTAINED_FIRST + again * CASES, CASES) for again in range(REPETITIONS)]
    rates = [rate for rate, _ in measured]
    results.add(
        Figure(SUSTAINED, "1/s", rates, against=BEST_CELERY, budget=1.5, note=f"{CASES:,} cases each time")
    )
    report_cpu(results, "CPU of a case", [cpu for _, cpu in measured])


def report_cpu(results: Results, what: str, measured: list[dict[str, float]]) -> None:
    """One row for all of Ruta, one for each process, and what the benchmark itself takes from the same cores."""
    ours = [sum(cpu[name] for name in cpu if name not in {CLIENT, GATEWAY}) for cpu in measured]
    results.add(Figure(f"{what}: all of Ruta", "ms", ours))
    for name in measured[0]:
        results.add(Figure(f"{what}: {name}", "ms", [cpu[name] for cpu in measured]))


def flood(stack: Stack, first: int, count: int) -> tuple[float, dict[str, float]]:
    """Send cases as fast as they are answered. Returns cases a second from the first POST to the last hand-over, and
    CPU milliseconds of a case by process, up to the last trace of the cases."""
    before = stack.cpu()
    sent, _ = told(stack, [Case(first + at) for at in range(count)])
    taken = wait_taken(stack, set(sent.at))
    rate = count / (max(taken.values()) - min(sent.at.values()))
    wait_quiet(stack)
    after = stack.cpu()
    used = {name: after[name] - before[name] for name in after} | {CLIENT: sent.cpu_seconds}
    return rate, {name: seconds * 1000 / count for name, seconds in used.items()}


def told(stack: Stack, several: list[Case]) -> tuple[Sent, list[float]]:
    """Send cases and wait until each person is told; returns how long each waited, in milliseconds."""
    sent = send(stack, several)
    taken = wait_taken(stack, set(sent.at))
    return sent, [(taken[phone] - at) * 1000 for phone, at in sent.at.items()]
