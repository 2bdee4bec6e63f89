"""Answers in DMN's shape: one output is its value, several are an object, many hits are a list."""

from collections.abc import Callable, Mapping
from typing import Any

from services.referral.dmn.reading import Model
from services.referral.dmn.requirements import Source, sources
from services.referral.domain.decisions import DecisionTable, TableErrors
from services.referral.domain.decisions.errors import CellError, nearest

NOTHING_INSIDE = (
    object()
)  # what a path finds in a value without parts: of no type, so that a table refuses it
Decide = Callable[[Mapping[str, Any]], Any]
Fill = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def shaped(table: DecisionTable, result: Any) -> Any:
    """A table's result as DMN has it: a value, an object of outputs, a list of either, or None."""
    if isinstance(result, list):
        return [shaped(table, entry) for entry in result]
    if result is None or (len(table.outputs) > 1 and not table.policy.aggregates):
        return result
    return result[table.outputs[0].name]


def decider(table: DecisionTable) -> Decide:
    """From a case to the answer of one table alone."""
    return lambda case: shaped(table, table.evaluate(case))


def model_decider(model: Model, name: str | None = None) -> Decide:
    """From a case to the answer of one decision of a model; tables that it builds on are decided first.

    Without a name it is the only decision that no other one builds on. Raises CellError when that is not one
    decision or none has the name, TableErrors when a table that is needed cannot be read.
    """
    table, filled = model_table(model, name)
    return lambda case: shaped(table, table.evaluate(filled(case)))


def model_table(model: Model, name: str | None = None) -> tuple[DecisionTable, Fill]:
    """The table of one decision of a model, and what makes of a case the values of its inputs. As `model_decider`."""
    return _prepared(model, _named(model, name) if name else _topmost(model), ())


def _named(model: Model, name: str) -> str:
    with_tables = (*model.tables, *model.problems)
    for element in model.document.root.iter(f"{{{model.namespace}}}decision"):
        own = element.get("name", "")
        if name in (own, element.get("id"), element.get("label")) and own in with_tables:
            return own
    raise CellError("unknown_decision", found=name, suggestion=nearest(name, with_tables))


def _topmost(model: Model) -> str:
    asked = {source.decision for name in model.tables for source in sources(model, name).values()}
    top = [name for name in (*model.tables, *model.problems) if name not in asked]
    if len(top) != 1:
        raise CellError("which_decision", found=", ".join(top or model.tables))
    return top[0]


def _prepared(model: Model, name: str, waiting: tuple[str, ...]) -> tuple[DecisionTable, Fill]:
    """One table with what fills its inputs, also with the answers of tables that it builds on."""
    if name in waiting:
        raise CellError("circular_decision", found=name)
    if name in model.problems:
        raise TableErrors(model.problems[name])
    table = model.tables[name]
    needed = {column.name: column.name.split(".") for column in table.inputs}
    others = {
        first: _decider(model, source, (*waiting, name)) for first, source in sources(model, name).items()
    }
    if not others and all(len(path) == 1 for path in needed.values()):
        return table, lambda case: case
    return table, lambda case: _filled(case, needed, others)


def _decider(model: Model, source: Source, waiting: tuple[str, ...]) -> Decide:
    """From a case to the answer that an input comes from, or to the one output of it."""
    table, filled = _prepared(model, source.decision, waiting)

    def decide(case: Mapping[str, Any]) -> Any:
        found = shaped(table, table.evaluate(filled(case)))
        if not source.output:
            return found
        return found.get(source.output) if isinstance(found, Mapping) else None

    return decide


def _filled(
    case: Mapping[str, Any], needed: Mapping[str, list[str]], others: Mapping[str, Decide]
) -> dict[str, Any]:
    """The values of a table's inputs: as the case has them, by a path into it, or from other tables."""
    known = {**case, **{name: decide(case) for name, decide in others.items() if name not in case}}
    found = {}
    for name, path in needed.items():
        value: Any = known
        for step in [name] if name in known else path:
            value = value.get(step) if isinstance(value, Mapping) else value and NOTHING_INSIDE
        found[name] = value
    return found
