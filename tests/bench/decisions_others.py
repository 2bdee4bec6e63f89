"""SpiffWorkflow and pyDMNrules on the same table, where they are installed: context, not budget.

Both read the table as DMN XML, the way ours writes it. They take hundreds of microseconds and more, so they get the
first cases only.
"""

from __future__ import annotations

import importlib
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.referral.dmn import model_of, write_dmn
from services.referral.domain.decisions import DecisionTable

FEW = 200
REPETITIONS = 3
Decide = Callable[[Mapping[str, Any]], Any]


def others(table: DecisionTable, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row each; an engine that is not installed, or cannot read the table, says so in its note."""
    few = asked[:FEW]
    mine = [_per_case(table.evaluate, few) for _ in range(REPETITIONS)]
    rows = []
    for name, make in {"SpiffWorkflow": _spiff, "pyDMNrules": _pydmn}.items():
        theirs: list[float] = []
        try:
            decide = make(table)
            theirs = [_per_case(decide, few) for _ in range(REPETITIONS)]
            note = name
        except ImportError:
            note = f"{name}: not installed"
        except Exception as error:
            note = f"{name}: {type(error).__name__}: {error}"[:60]
        rows.append(_row(f"one decision, {FEW} cases", mine, theirs, note))
    return rows


def _row(name: str, mine: list[float], theirs: list[float], note: str) -> dict[str, Any]:
    def spread(values: list[float]) -> tuple[float, float, float] | None:
        return (min(values), statistics.median(values), max(values)) if values else None

    ratio = round(statistics.median(theirs) / statistics.median(mine), 1) if theirs else None
    return {
        "name": f"{name} ({note.partition(':')[0]})",
        "unit": "µs",
        "ours": spread(mine),
        "theirs": spread(theirs),
        "ratio": ratio,
        "budget": None,
        "note": note,
        "values": (mine, theirs),
    }


def _per_case(decide: Decide, cases: list[dict[str, Any]]) -> float:
    begun = time.perf_counter()
    for case in cases:
        decide(case)
    return (time.perf_counter() - begun) / len(cases) * 1e6


def _spiff(table: DecisionTable) -> Decide:
    """SpiffWorkflow's UNIQUE stops at the first match, which makes it its fastest policy; its cells are Python."""
    parser_module = importlib.import_module("SpiffWorkflow.dmn.parser.DMNParser")
    engine_module = importlib.import_module("SpiffWorkflow.dmn.engine.DMNEngine")
    script_module = importlib.import_module("SpiffWorkflow.bpmn.script_engine")
    etree = importlib.import_module("lxml.etree")
    node = etree.fromstring(write_dmn(model_of([table]), "1.3").replace(b"FIRST", b"UNIQUE"))
    namespaces = {"dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
    for found in node.iterfind(".//dmn:inputEntry/dmn:text", namespaces):
        found.text = as_python(found.text)
    parser = parser_module.DMNParser(None, node, namespaces)
    parser.parse()
    engine = engine_module.DMNEngine(parser.decision.decisionTables[0])
    workflow = SimpleNamespace(script_engine=script_module.PythonScriptEngine())
    return lambda case: engine.result(SimpleNamespace(data=dict(case), workflow=workflow))


def as_python(cell: str) -> str:
    """A cell of the benchmark's table as SpiffWorkflow wants it, `?` standing for the input."""
    if cell in ("true", "false"):
        return cell.capitalize()
    if cell.startswith("["):
        low, high = cell.strip("[]").split("..")
        return f"{low} <= ? <= {high}"
    if '","' in cell:
        return f"? in ({cell})"
    return cell


def _pydmn(table: DecisionTable) -> Decide:
    module = importlib.import_module("pyDMNrules")
    rules = module.DMN()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.dmn"
        file.write_bytes(write_dmn(model_of([table]), "1.3"))
        status = rules.useXML(file.read_text()) if hasattr(rules, "useXML") else rules.loadXML(str(file))
    if "errors" in status:
        raise ValueError(str(status["errors"])[:50])
    return lambda case: rules.decide(dict(case))
