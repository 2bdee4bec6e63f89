"""The catalogue of fail-points is complete: code reaches what is listed, and lists what it reaches."""

import ast
import re
from pathlib import Path

from shared.failpoints import CATALOGUE

ROOT = Path(__file__).parents[2]


def reached_in_code():
    found = set()
    for folder in ("services", "shared", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "failpoints.py":
                found.update(re.findall(r"reach\(\"([a-z_.]+)\"\)", path.read_text()))
    return found


def test_every_listed_place_is_reached_by_code_and_every_reached_place_is_listed():
    assert reached_in_code() == set(CATALOGUE)


WORKERS_WRITE_IN = (
    "services/*/worker.py",
    "services/*/tasks.py",
    "services/*/operations/**/*.py",
    "shared/bus/*.py",
)
WITHOUT_A_PLACE = {
    "services/notifications/worker.py:tell": "a figure that is told again a second later",
    "services/notifications/operations/playing.py:keep": "the sandbox's page, where no message leaves",
    "services/intake/operations/batching.py:_submit": "desk.begin is bus.transaction, which has its places",
    "shared/bus/draining.py:_put_back": "counts an attempt; uncounted, the event is tried once more",
    "shared/bus/draining.py:_postpone": "moves a due time; unmoved, the event is asked about again at once",
}
"""Functions that commit and may die unnamed, each with what follows if they do."""


def opens_a_transaction(node):
    """`with ….begin()`. What goes through `bus.transaction` dies at that function's own places."""
    return isinstance(node, ast.With) and any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == "begin"
        for item in node.items
    )


def calls_reach(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach"


def own(function):
    """The nodes of a function without those of functions inside it."""
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef):
            todo += ast.iter_child_nodes(node)


def committing():
    """Functions of what workers run that open a transaction of their own, and whether they have a place to die."""
    for pattern in WORKERS_WRITE_IN:
        for path in ROOT.glob(pattern):
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, ast.FunctionDef) and any(map(opens_a_transaction, own(function))):
                    yield f"{path.relative_to(ROOT)}:{function.name}", any(map(calls_reach, own(function)))


def test_whatever_commits_in_a_worker_has_a_place_to_die():
    found = dict(committing())
    assert {name for name, has_one in found.items() if not has_one} == set(WITHOUT_A_PLACE)
    assert len(found) > len(WITHOUT_A_PLACE)
