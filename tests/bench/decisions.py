"""`python -m tests.bench.decisions`: one decision, ours beside other engines, same table, same cases, same run.

The budget is against zen-engine at its best (a loader that gives ZenDecisionContent): at least 5 times its speed
without explanation, at least 10 times with ours against its trace.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import zen
from rich.console import Console
from rich.table import Table

from services.referral.domain.decisions import DecisionTable
from tests.bench.decisions_cases import as_jdm, cases, ours
from tests.bench.decisions_others import others
from tests.bench.decisions_proof import proof_rows
from tests.bench.figures import Figure, Results

REPETITIONS = 7
Decide = Callable[[Mapping[str, Any]], Any]


def run(_stack: object = None, results: Results | None = None) -> list[dict[str, Any]]:
    """Rows of name, ours, theirs (each min, median, max), unit, ratio, budget, note."""
    table, asked = ours(), cases()
    engine = zen.ZenEngine({"loader": zen_loader(as_jdm())})
    theirs = {
        "without explanation": lambda case: engine.evaluate("t", case),
        "with explanation": lambda case: engine.evaluate("t", case, {"trace": True}),
    }
    agree(table.evaluate, theirs["without explanation"], asked)
    rows = []
    budgets = {"without explanation": (table.evaluate, 5.0), "with explanation": (table.explain, 10.0)}
    for name, (mine, budget) in budgets.items():
        measured = side_by_side(mine, theirs[name], asked)
        rows.append(row(f"one decision {name}", *measured, budget=budget, note="zen-engine, loader"))
    rows.append(batch_row(table, engine, asked))
    rows += others(table, asked)
    rows += proof_rows()
    if results is not None:
        report(rows, results)
    return rows


def batch_row(table: DecisionTable, engine: zen.ZenEngine, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """All cases in one call on both sides."""
    requests: Any = [{"key": "t", "context": case} for case in asked]
    mine, other = [], []
    for _ in range(REPETITIONS):
        mine.append(per_case(lambda: table.evaluate_batch(asked), len(asked)))
        other.append(per_case(lambda: engine.evaluate_batch(requests), len(asked)))
    return row("one decision in a batch of 10,000", mine, other, note="zen-engine, evaluate_batch")


def zen_loader(jdm: str) -> Callable[[str], Any]:
    content = zen.ZenDecisionContent(jdm)
    return lambda _key: content


def agree(mine: Decide, other: Decide, asked: list[dict[str, Any]]) -> None:
    """Raises AssertionError when the engines answer differently: figures of different work are no comparison."""
    for case in asked:
        found, expected = mine(case), other(case)["result"]
        assert found == expected, (case, found, expected)


def side_by_side(mine: Decide, other: Decide, asked: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Microseconds per case of both, in turns, so that a noisy moment hits both."""
    first, second = [], []
    for _ in range(REPETITIONS):
        first.append(per_case(lambda: [mine(case) for case in asked], len(asked)))
        second.append(per_case(lambda: [other(case) for case in asked], len(asked)))
    return first, second


def per_case(work: Callable[[], Any], count: int) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) / count * 1e6


def row(
    name: str, mine: list[float], other: list[float], *, budget: float | None = None, note: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "unit": "µs",
        "ours": spread(mine),
        "theirs": spread(other),
        "ratio": round(statistics.median(other) / statistics.median(mine), 1) if other else None,
        "budget": budget,
        "note": note,
        "values": (mine, other),
    }


def spread(values: list[float]) -> tuple[float, float, float] | None:
    """Minimum, median and maximum."""
    return (min(values), statistics.median(values), max(values)) if values else None


def report(rows: list[dict[str, Any]], results: Results) -> None:
    """The same figures for the common benchmark run, as rates or times."""
    for found in rows:
        mine, other = found["values"]
        if mine and other:
            base = results.add(
                Figure(f"{found['name']}: {found['note']}", "decisions/s", [1e6 / value for value in other])
            )
            rates = [1e6 / value for value in mine]
            results.add(
                Figure(found["name"], "decisions/s", rates, against=base.name, budget=found["budget"])
            )
        elif mine and "not installed" not in found["note"]:  # ours alone would look like theirs
            budget = found["budget"]
            results.add(
                Figure(found["name"], found["unit"], mine, budget=budget, at_least=False, note=found["note"])
            )


def show(rows: list[dict[str, Any]]) -> None:
    table = Table("what", "ours min/median/max", "theirs min/median/max", "unit", "ratio", "budget", "note")
    for found in rows:
        ratio = "" if found["ratio"] is None else f"{found['ratio']} x"
        budget = "" if found["budget"] is None else str(found["budget"])
        table.add_row(
            found["name"],
            text(found["ours"]),
            text(found["theirs"]),
            found["unit"],
            ratio,
            budget,
            found["note"],
        )
    Console(width=170).print(table)


def text(values: tuple[float, ...] | None) -> str:
    return " / ".join(f"{value:.3g}" for value in values) if values else ""


if __name__ == "__main__":
    show(run())
