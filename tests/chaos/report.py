"""The result of a run as a table for people and as JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.chaos.recovery import by_kind
from tests.chaos.run import Result

SHOWN = 20
KINDS = ("lost", "doubled", "stuck", "leaked")


def as_text(result: Result) -> str:
    """One line per kind of fault, the totals, and the first findings."""
    lines = [f"{'':32} {'':>5} {'no backlog again, s':>20} {'full rate again, s':>20}"]
    lines += [f"{'fault':32} {'times':>5} {'median':>12} {'worst':>7} {'median':>12} {'worst':>7}"]
    for name, row in by_kind(result.happened, result.felt).items():
        late = f"  ({row['not_before_next']} not before the next)" if row["not_before_next"] else ""
        figures = [
            _number(row[key]) for key in ("answers_median_s", "answers_worst_s", "median_s", "worst_s")
        ]
        lines.append("{:32} {:>5} {:>12} {:>7} {:>12} {:>7}{}".format(name, row["times"], *figures, late))
    verdict = result.verdict
    lines += [
        "",
        f"seed {result.size.seed}, {result.seconds:.0f} s, {len(result.happened)} faults",
        f"acknowledged {result.acknowledged}, events {result.events}, messages {result.messages}",
        f"repeated to staff, who may get one twice: {verdict.repeated_to_staff}",
        f"client: {result.client['counts']}",
        ", ".join(f"{kind} {len(getattr(verdict, kind))}" for kind in KINDS),
    ]
    for kind in KINDS:
        lines += [f"  {kind}: {one}" for one in getattr(verdict, kind)[:SHOWN]]
    return "\n".join(lines)


def _number(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def write(result: Result, file: Path) -> None:
    """Everything, as JSON."""
    content = asdict(result) | {"kinds": by_kind(result.happened, result.felt)}
    file.write_text(json.dumps(content, indent=1, default=str))
