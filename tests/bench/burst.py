"""One organization sends seven times its usual load beside four that send theirs. What the others' emergencies wait,
from POST to hand-over, with the burst and without it.

The usual load of the five together is three fifths of what the machine sustains, so that the burst asks for more than
all of it and work piles up: what then goes first is what is measured.
"""

from __future__ import annotations

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
PROBE = 600
PROBE_FIRST, FIRST, APART = 5_000, 3_000_000, 100_000


def run(_stack: object, results: Results) -> None:
    """Add the others' waits for emergencies (P0 and P1) and for the rest, calm and with the burst."""
    with running() as stack:
        warm(stack)
        known = results.figures.get(SUSTAINED)
        capacity = known.median if known else flood(stack, PROBE_FIRST, PROBE)[0]
        usual = capacity * CALM / SENDERS
        first = FIRST
        for name, times in (("all at their usual load", 1), (f"one at {TIMES} times its usual load", TIMES)):
            waits = []
            for _ in range(REPETITIONS):
                waits.append(one_run(stack, first, usual, times))
                first += APART
            report(results, name, waits, note=f"usual load: {usual:.0f}/s each")


def report(results: Results, name: str, waits: list[dict[bool, list[float]]], *, note: str) -> None:
    """One row for each half of the percentiles; the burst's beside the calm's."""
    calm = "all at their usual load"
    for emergency, what in ((True, "emergencies"), (False, "ordinary cases")):
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            row = f"the others' {what}, {name}, {label}"
            against = None if name == calm else f"the others' {what}, {calm}, {label}"
            values = [percentile(one[emergency], share) for one in waits]
            results.add(Figure(row, "ms", values, against=against, note=note))


def one_run(stack: Stack, first: int, usual: float, times: int) -> dict[bool, list[float]]:
    """Send SECONDS of load; returns the waits of the four others in milliseconds, by whether it was an emergency."""
    several = plan(first, usual, times)
    sent, _ = told(stack, several)
    wait_quiet(stack)
    taken = stack.taken()
    waits: dict[bool, list[float]] = {True: [], False: []}
    for case in several:
        if case.sender != LOUD:
            waits[case.emergency].append((taken[case.phone] - sent.at[case.phone]) * 1000)
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
