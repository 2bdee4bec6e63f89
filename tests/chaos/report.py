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
    lines = [f"{'fault':32} {'times':>5} {'recovery median s':>18} {'worst s':>8}"]
    for name, row in by_kind(result.felt).items():
        late = f"  (not before the next fault: {row['not_before_next']})" if row["not_before_next"] else ""
        lines.append(
            f"{name:32} {row['times']:>5} {_number(row['median_s']):>18} {_number(row['worst_s']):>8}{late}"
        )
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
    content = asdict(result) | {"kinds": by_kind(result.felt)}
    file.write_text(json.dumps(content, indent=1, default=str))
