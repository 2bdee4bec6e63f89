"""Figures of a benchmark run: repeated, shown as minimum, median and maximum, and as ratios within one run."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

REPETITIONS = 3
BEST_CELERY = "empty Celery tasks, published and run, best pool"
PGBENCH = "pgbench single durable inserts, 16 clients"


@dataclass
class Figure:
    """`values` of one repetition each, in `unit`.

    `budget` is a limit for the ratio to `against` (another figure's name) when that is given, else for the median.
    `at_least` tells whether the budget is a floor (throughput) or a ceiling (time, memory). A figure of a run without
    `against` has neither ratio nor verdict.
    """

    name: str
    unit: str
    values: list[float]
    against: str | None = None
    budget: float | None = None
    at_least: bool = True
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_row(self, figures: dict[str, Figure]) -> dict[str, Any]:
        """One line of the result table."""
        base = figures.get(self.against) if self.against else None
        ratio = self.median / base.median if base and base.median else None
        measured = ratio if self.against else self.median
        met = None
        if self.budget is not None and measured is not None:
            met = measured >= self.budget if self.at_least else measured <= self.budget
        return {
            "name": self.name,
            "unit": self.unit,
            "min": min(self.values),
            "median": self.median,
            "max": max(self.values),
            "values": self.values,
            "against": self.against,
            "ratio": ratio,
            "budget": self.budget,
            "at_least": self.at_least,
            "met": met,
            "note": self.note,
        }


@dataclass
class Results:
    """All figures of a run by name, and what they were measured on."""

    figures: dict[str, Figure] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)

    def add(self, figure: Figure) -> Figure:
        self.figures[figure.name] = figure
        return figure

    def rows(self) -> list[dict[str, Any]]:
        return [figure.as_row(self.figures) for figure in self.figures.values()]


def repeated(measure: Callable[[], float], times: int = REPETITIONS) -> list[float]:
    """`measure()` several times."""
    return [measure() for _ in range(times)]


def rate(work: Callable[[], int]) -> float:
    """Pieces of work per second; `work` returns how many it did."""
    begun = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - begun)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them (0 to 1) do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(round(share * len(ranked), 9)) - 1)]
