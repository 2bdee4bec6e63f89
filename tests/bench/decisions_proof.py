"""The proof of tables of 500 rows and 8 columns, with nothing in them that ends it early."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from services.referral.domain.decisions import DecisionTable
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.proof import prove
from services.referral.domain.decisions.reading import read_table

ROWS = 500
CODES = [f"C{number:02d}" for number in range(12)]
KINDS = ("string", "number", "string", "boolean", "number", "string", "number", "string")
SPAN = (0, 1_000)


def proof_rows() -> list[dict[str, Any]]:
    """Seconds for gaps, conflicts and dead rows of a good table, and of one in which most rows are specific."""
    return [
        _measured(partition, "unique, complete, no overlap", faults=False),
        _measured(specific, "first, overlapping rows, a last row for the rest", faults=True),
    ]


def _measured(make: Callable[[int], DecisionTable], note: str, *, faults: bool) -> dict[str, Any]:
    values = []
    for seed in range(3):
        table = make(seed)
        begun = time.perf_counter()
        found = [finding for finding in prove(table) if "column" not in finding.details]
        values.append(time.perf_counter() - begun)
        assert faults or not found
    return {
        "name": f"proof of {ROWS} rows x {len(KINDS)} columns ({note.partition(',')[0]})",
        "unit": "s",
        "ours": (min(values), sorted(values)[1], max(values)),
        "theirs": None,
        "ratio": None,
        "budget": 2.0,
        "note": note,
        "values": (values, []),
    }


def specific(seed: int) -> DecisionTable:
    """A table of made-up rows of which each input of each row is asked four times in five."""
    chance = random.Random(seed)
    header = ["id (F)", *(f"c{index}:{kind}" for index, kind in enumerate(KINDS)), "-> answer:string"]
    rows = [
        [f"R{number}", *(_made_up(kind, chance) for kind in KINDS), f'"{chance.choice(CODES)}"']
        for number in range(ROWS - 1)
    ]
    rows.append(["rest", *["-"] * len(KINDS), '"C00"'])
    return read_table(grid_of("specific.csv", [header, *rows]), "specific")


def _made_up(kind: str, chance: random.Random) -> str:
    if chance.random() < 0.2:
        return "-"
    if kind == "boolean":
        return chance.choice(("true", "false"))
    if kind == "number":
        low, high = sorted(chance.sample(range(*SPAN), 2))
        return chance.choice((f"< {high}", f">= {low}", f"[{low}..{high}]"))
    return ",".join(f'"{code}"' for code in chance.sample(CODES, chance.randrange(1, 6)))


def partition(seed: int) -> DecisionTable:
    """A table made by cutting the space of all cases in two until there are enough pieces."""
    chance = random.Random(seed)
    pieces: list[list[Any]] = [[_whole(kind) for kind in KINDS]]
    while len(pieces) < ROWS:
        piece = pieces.pop(chance.randrange(len(pieces)))
        axis = chance.randrange(len(KINDS))
        for part in _halves(piece[axis], KINDS[axis], chance) or [piece[axis]]:
            pieces.append([*piece[:axis], part, *piece[axis + 1 :]])
    header = ["id (U)", *(f"c{index}:{kind}" for index, kind in enumerate(KINDS)), "-> answer:string"]
    rows = [
        [f"R{number}", *map(_cell, piece, KINDS), f'"{chance.choice(CODES)}"']
        for number, piece in enumerate(pieces)
    ]
    return read_table(grid_of("partition.csv", [header, *rows]), "partition")


def _whole(kind: str) -> Any:
    return {"string": (True, frozenset(CODES)), "boolean": (True, False), "number": SPAN}[kind]


def _halves(part: Any, kind: str, chance: random.Random) -> list[Any]:
    if kind == "number":
        if part[1] - part[0] < 2:
            return []
        middle = chance.randrange(part[0] + 1, part[1])
        return [(part[0], middle), (middle, part[1])]
    if kind == "boolean":
        return [(part[0],), (part[1],)] if len(part) == 2 else []
    rest, codes = part
    if len(codes) < 2:
        return []
    chosen = frozenset(chance.sample(sorted(codes), len(codes) // 2))
    return [(False, chosen), (rest, codes - chosen)]


def _cell(part: Any, kind: str) -> str:
    if kind == "number":
        return _span(part)
    if kind == "boolean":
        return "-" if len(part) == 2 else str(part[0]).lower()
    rest, codes = part
    if not rest:
        return ",".join(f'"{code}"' for code in sorted(codes))
    left_out = sorted(frozenset(CODES) - codes)
    return "not(" + ",".join(f'"{code}"' for code in left_out) + ")" if left_out else "-"


def _span(part: tuple[int, int]) -> str:
    low, high = part
    if part == SPAN:
        return "-"
    if low == SPAN[0]:
        return f"< {high}"
    return f">= {low}" if high == SPAN[1] else f"[{low}..{high})"
