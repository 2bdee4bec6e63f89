"""One routing table of 60 rows, for every engine in its own words, and 10,000 made-up cases for it."""

from __future__ import annotations

import json
import random
from typing import Any

from services.referral.domain.decisions import DecisionTable
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.reading import read_table
from shared import codes

ROWS = 60
CASES = 10_000
INPUTS = {"need": "string", "age": "number", "country": "string", "danger": "boolean"}
OUTPUTS = {"service": "string", "hours": "number"}
AGES = ("-", "< 5", "[5..11]", "[12..17]", "< 18", "[18..59]", ">= 18", ">= 60")
COUNTRIES = ("-", '"EC"', '"PE"', '"CO"', '"EC","PE"', '"PE","CO"')


def rows(seed: int = 7) -> list[dict[str, str]]:
    """Rules as text cells by column; the last one holds for everybody."""
    chance = random.Random(seed)
    needs, services = list(codes.load("needs")), list(codes.load("service_types"))
    found = []
    for number in range(ROWS - 1):
        named = chance.sample(needs, chance.choice((1, 1, 2, 3)))
        found.append(
            {
                "id": f"R-{number:02d}",
                "need": ",".join(f'"{need}"' for need in named),
                "age": chance.choice(AGES),
                "country": chance.choice(COUNTRIES),
                "danger": chance.choice(("-", "-", "true", "false")),
                "service": f'"{chance.choice(services)}"',
                "hours": str(chance.choice((1, 24, 72, 168))),
            }
        )
    rest = {"id": "R-99", **dict.fromkeys(INPUTS, "-"), "service": '"INFO"', "hours": "168"}
    return [*found, rest]


def cases(seed: int = 11) -> list[dict[str, Any]]:
    """Cases in which everything is known, because other engines have no unknown."""
    chance = random.Random(seed)
    needs = list(codes.load("needs"))
    return [
        {
            "need": chance.choice(needs),
            "age": chance.randrange(100),
            "country": chance.choice(("EC", "PE", "CO")),
            "danger": chance.random() < 0.3,
        }
        for _ in range(CASES)
    ]


def ours(policy: str = "F") -> DecisionTable:
    header = [f"id ({policy})"]
    header += [f"{name}:{kind}" for name, kind in INPUTS.items()]
    header += [f"-> {name}:{kind}" for name, kind in OUTPUTS.items()]
    return read_table(grid_of("bench.csv", [header, *(list(row.values()) for row in rows())]), "bench")


def zen_cell(text: str) -> str:
    """A cell as zen-engine writes it: nothing for everything, and `not in [...]` for `not(...)`."""
    if text.startswith("not("):
        return f"not in [{text[4:-1]}]"
    return "" if text == "-" else text


def as_jdm(policy: str = "first", found: list[dict[str, str]] | None = None) -> str:
    """The same table as zen-engine reads it."""
    rules = [
        {"_id": row["id"], **{name: zen_cell(row[name]) for name in (*INPUTS, *OUTPUTS)}}
        for row in found or rows()
    ]
    content = {
        "hitPolicy": policy,
        "inputs": [{"id": name, "name": name, "field": name} for name in INPUTS],
        "outputs": [{"id": name, "name": name, "field": name} for name in OUTPUTS],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})
