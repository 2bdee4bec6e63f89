"""One organization sends seven times its usual load beside four that send theirs. What the others' emergencies wait,
from POST to hand-over, with the burst and without it.

The usual load of the five together is three fifths of what the machine sustains, so that the burst asks for more than
all of it and work piles up: what then goes first is what is measured.
"""

from __future__ import annotations

from collections import defaultdict

from tests.bench.figures import REPETITIONS, Figure, Results, percentile
from tests.bench.pipeline import SUSTAINED, flood, told, warm
from tests.bench.sending import Case, wait_quiet
from tests.bench.stack import Stack, running

SENDERS = 5
LOUD = 0
TIMES = 7
SECONDS = 20.0
CALM = 0.6
"""The usual load of all as a share of what the machine sustains."""
EMERGENCY_EVERY = 5
USUAL = "all at their usual load"
TOLD = {True: "the others' emergencies", False: "the others' ordinary cases"}
DURABLE = "the others' emergencies until durable"
PROBE = 600
PROBE_FIRST, FIRST, APART = 5_000, 3_000_000, 100_000

Waits = dict[str, list[float]]
"""Milliseconds that each of the four others' cases waited, by kind of case and end of the wait."""


def run(_stack: object, results: Results) -> None:
    """Add the others' waits for emergencies (P0 and P1) and for the rest, calm and with the burst."""
    with running() as stack:
        warm(stack)
        known = results.figures.get(SUSTAINED)
        capacity = known.median if known else flood(stack, PROBE_FIRST, PROBE)[0]
        usual = capacity * CALM / SENDERS
        first = FIRST
        for name, times in ((USUAL, 1), (f"one at {TIMES} times its usual load", TIMES)):
            runs = []
            for _ in range(REPETITIONS):
                runs.append(one_run(stack, first, usual, times))
                first += APART
            report(results, name, runs, note=f"usual load: {usual:.0f}/s each")


def report(results: Results, name: str, runs: list[Waits], *, note: str) -> None:
    """A row for each kind of wait and percentile; the burst's beside the calm's."""
    for what in runs[0]:
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            against = None if name == USUAL else f"{what}, {USUAL}, {label}"
            values = [percentile(waits[what], share) for waits in runs]
            results.add(Figure(f"{what}, {name}, {label}", "ms", values, against=against, note=note))


def one_run(stack: Stack, first: int, usual: float, times: int) -> Waits:
    """Send SECONDS of load; returns what the four others waited."""
    several = plan(first, usual, times)
    sent, _ = told(stack, several)
    wait_quiet(stack)
    taken = stack.taken()
    waits: Waits = defaultdict(list)
    for case in several:
        if case.sender == LOUD:
            continue
        waits[TOLD[case.emergency]].append((taken[case.phone] - sent.at[case.phone]) * 1000)
        if case.emergency:
            waits[DURABLE].append(sent.answered[case.phone] * 1000)
    return waits


def plan(first: int, usual: float, times: int) -> list[Case]:
    """Every sender at even steps; one in EMERGENCY_EVERY of the others' cases is an emergency, and none of LOUD's."""
    found = []
    for sender in range(SENDERS):
        rate = usual * (times if sender == LOUD else 1)
        for at in range(int(rate * SECONDS)):
            urgent = sender != LOUD and at % EMERGENCY_EVERY == 0
            found.append(Case(first, sender, (at + sender / SENDERS) / rate, urgent))
            first += 1
    return found
