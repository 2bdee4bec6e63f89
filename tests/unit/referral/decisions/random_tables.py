"""Small random tables, and every case that can tell their rows apart, found by counting instead of reasoning."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from typing import Any

from services.referral.domain.decisions import DecisionTable
from services.referral.domain.decisions.declarations import read_declarations
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.reading import read_table

NAMES = "table,column,type,role,values,unknown_as,default,title_es,title_en".split(",")
POLICIES = ("U", "A", "P", "F", "R", "O", "C", "C<", "C>")
CODES = ("a", "b", "c")
LEVELS = ("high", "middle", "low")
NUMBERS = [Decimal(half) / 2 for half in range(-2, 13)]


class RandomTable:
    """`table`, `cases` (all that matter, as dictionaries) and the lines it was read from."""

    def __init__(self, seed: int, *, policies: tuple[str, ...] = POLICIES) -> None:
        self.chance = random.Random(seed)
        kinds = [
            self.chance.choice(("string", "number", "integer", "boolean", "list<string>")) for _ in range(3)
        ]
        self.kinds = kinds[: self.chance.choice((1, 2, 2, 3))]
        self.unknowns = [self._unknown(kind) for kind in self.kinds]
        lines = [self._column(index, kind) for index, kind in enumerate(self.kinds)]
        default = self.chance.choice(("", "", "low"))
        lines.append(["t", "level", "string", "output", ";".join(LEVELS), "", default, "", ""])
        policy = self.chance.choice(policies)
        header = [f"id ({policy})", *(f"i{index}" for index in range(len(self.kinds))), "-> level"]
        rows = [self._row(number) for number in range(self.chance.randrange(1, 7))]
        declared = read_declarations(grid_of("columns.csv", [NAMES, *lines]))["t"]
        self.table: DecisionTable = read_table(grid_of("t.csv", [header, *rows]), "t", declared)

    def _unknown(self, kind: str) -> str:
        """What columns.csv says of the unknown."""
        cautious = {"string": "a", "number": "2", "integer": "2", "boolean": "true", "list<string>": "[a]"}
        return self.chance.choice(("", "", "required", cautious[kind]))

    def _column(self, index: int, kind: str) -> list[str]:
        values = {"string": "a;b;c", "number": "[0..5]", "integer": "[0..5]"}.get(kind, "")
        values = values if self.chance.random() < 0.7 else ""
        return ["t", f"i{index}", kind, "input", values, self.unknowns[index], "", "", ""]

    def _row(self, number: int) -> list[str]:
        cells = [self._cell(kind, unknown) for kind, unknown in zip(self.kinds, self.unknowns, strict=True)]
        return [f"r{number}", *cells, f'"{self.chance.choice(LEVELS)}"']

    def _cell(self, kind: str, unknown: str) -> str:
        chance = self.chance
        if chance.random() < 0.25:
            return "-"
        if not unknown and chance.random() < 0.2:
            return "unknown"
        if kind == "boolean":
            return chance.choice(("true", "false"))
        test = self._span() if kind in ("number", "integer") else self._codes()
        if not unknown and chance.random() < 0.2:
            test += ",unknown"
        return f"not({test})" if chance.random() < 0.25 else test

    def _codes(self) -> str:
        return ",".join(f'"{code}"' for code in self.chance.sample(CODES, self.chance.randrange(1, 3)))

    def _span(self) -> str:
        low = self.chance.randrange(0, 5)
        high = self.chance.randrange(low + 1, 6)
        return self.chance.choice(
            (
                f"< {high}",
                f">= {low}",
                f"> {low}",
                f"[{low}..{high}]",
                f"({low}..{high}]",
                f"[{low}..{high})",
                str(low),
            )
        )

    def values(self, index: int) -> list[Any]:
        """All values of an input that can matter, the unknown included where it may occur."""
        column = self.table.inputs[index]
        kind = self.kinds[index]
        if kind == "boolean":
            found: list[Any] = [True, False]
        elif kind == "string":
            found = [*CODES, "zzz"]
        elif kind == "list<string>":
            found = [combo for size in range(4) for combo in itertools.combinations(CODES, size)]
        else:
            found = [number for number in NUMBERS if kind == "number" or number % 1 == 0]
        found = [value for value in found if column.allows(value)]
        return found if column.required else [*found, None]

    @property
    def cases(self) -> list[dict[str, Any]]:
        axes = [self.values(index) for index in range(len(self.kinds))]
        return [
            {f"i{index}": value for index, value in enumerate(values)} for values in itertools.product(*axes)
        ]


def matching(table: DecisionTable, case: dict[str, Any]) -> list[int]:
    """The rows whose every cell holds, one after another: the meaning, without any cleverness."""
    values = [
        column.unknown_as if case[column.name] is None else case[column.name] for column in table.inputs
    ]
    return [
        number
        for number, row in enumerate(table.rows)
        if all(cell.holds(value) for cell, value in zip(row.cells, values, strict=True))
    ]


def unforeseen(table: DecisionTable, case: dict[str, Any], matched: list[int]) -> bool:
    """Whether some row hangs on an unknown value that no matching row names."""
    lenient = [
        column.unknown_as is None and not column.required and case[column.name] is None
        for column in table.inputs
    ]
    if not any(lenient):
        return False
    values = [
        column.unknown_as if case[column.name] is None else case[column.name] for column in table.inputs
    ]
    hopeful = [
        row
        for row in table.rows
        if all(
            free or cell.holds(value) for cell, value, free in zip(row.cells, values, lenient, strict=True)
        )
    ]
    for index, free in enumerate(lenient):
        hanging = any(not row.cells[index].takes_unknown for row in hopeful)
        named = any(
            table.rows[number].cells[index].takes_unknown and not table.rows[number].cells[index].anything
            for number in matched
        )
        if free and hanging and not named:
            return True
    return False
