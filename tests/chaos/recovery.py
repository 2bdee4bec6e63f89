"""How long a fault was felt after its cause was gone: from times at which work was done, read afterwards.

Nothing is measured while the run goes on, so measuring slows nothing down.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.evidence import Accepted
from tests.chaos.world import World

WINDOW = 2.0
STEP = 0.1
FULL = 0.9


@dataclass(frozen=True)
class Happened:
    """A fault as it happened; times in seconds since the epoch. `quiet`: seconds after its end until every service
    answered and nothing had waited for more than a second. `until` is when the next one began."""

    name: str
    began: float
    ended: float
    quiet: float
    until: float


@dataclass(frozen=True)
class Felt:
    """How long each series of work took to be back at full rate; None when it was not before the next fault."""

    fault: str
    seconds: Mapping[str, float | None]

    @property
    def worst(self) -> float | None:
        known = [one for one in self.seconds.values() if one is not None]
        return max(known) if known and len(known) == len(self.seconds) else None


def series(world: World, accepted: Sequence[Accepted]) -> dict[str, list[float]]:
    """When each subscriber acted on an event, and when the gateway took a message."""
    found: dict[str, list[float]] = defaultdict(list)
    with world.database(patience=30) as conn:
        for subscriber, at in conn.execute(
            "SELECT subscriber, extract(epoch FROM done_at)::float8 FROM bus.inbox WHERE done_at IS NOT NULL ORDER BY 2"
        ):
            found[subscriber].append(at)
    found["gateway"] = sorted(one.at for one in accepted)
    return dict(found)


def felt(
    work: Mapping[str, Sequence[float]], calm: tuple[float, float], faults: Sequence[Happened]
) -> list[Felt]:
    """For each fault, how long until each series had a window at 90 % of its rate in the calm beginning."""
    rates = {name: in_window(times, *calm) / (calm[1] - calm[0]) for name, times in work.items()}
    return [
        Felt(
            one.name, {name: back(times, rates[name], one) for name, times in work.items() if rates[name] > 0}
        )
        for one in faults
    ]


def back(times: Sequence[float], rate: float, fault: Happened) -> float | None:
    """Seconds from the end of `fault` until the first WINDOW whose rate is FULL again."""
    at = fault.ended
    while at <= fault.until:
        if in_window(times, at, at + WINDOW) >= FULL * rate * WINDOW:
            return round(at - fault.ended, 1)
        at += STEP
    return None


def in_window(times: Sequence[float], start: float, end: float) -> int:
    return bisect_left(times, end) - bisect_left(times, start)


def by_kind(faults: Sequence[Happened], measured: Sequence[Felt]) -> dict[str, dict[str, float | int | None]]:
    """Per kind of fault: how often, and the median and the worst recovery over its occurrences."""
    kinds: dict[str, list[float | None]] = defaultdict(list)
    quiet: dict[str, list[float]] = defaultdict(list)
    for one, fault in zip(measured, faults, strict=True):
        kinds[one.fault].append(one.worst)
        quiet[one.fault].append(fault.quiet)
    table: dict[str, dict[str, float | int | None]] = {}
    for name, values in sorted(kinds.items()):
        known = [value for value in values if value is not None]
        table[name] = {
            "times": len(values),
            "answers_median_s": statistics.median(quiet[name]),
            "answers_worst_s": max(quiet[name]),
            "median_s": statistics.median(known) if known else None,
            "worst_s": max(known) if known and len(known) == len(values) else None,
            "not_before_next": len(values) - len(known),
        }
    return table
