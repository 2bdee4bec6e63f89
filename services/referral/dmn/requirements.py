"""Which decisions a decision builds on, and by which names its table may call them.

DMN calls the answer of a required decision by the name of its variable, which is that of the decision. Modelers also
write the decision's id, or the names of its outputs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.referral.dmn.reading import Model


@dataclass(frozen=True)
class Source:
    """The decision that an input comes from; `output` where it is only one of its outputs."""

    decision: str
    output: str = ""


def sources(model: Model, name: str) -> Mapping[str, Source]:
    """For every input of a decision's table that another table of the model answers: the first step of its name."""
    aliases = dict(_aliases(model, name))
    found = {}
    for column in model.tables[name].inputs:
        first = column.name.partition(".")[0]
        if first in model.tables or first in model.problems:
            found[first] = Source(first)
        elif first in aliases:
            found[first] = aliases[first]
    return found


def _aliases(model: Model, name: str) -> Iterator[tuple[str, Source]]:
    """Other names for the required decisions; those that DMN means come last, and so count."""
    tag = f"{{{model.namespace}}}"
    required = {
        element.get("href", "").rpartition("#")[2]
        for element in model.decision(name).findall(f"{tag}informationRequirement/{tag}requiredDecision")
    }
    decisions = [found for found in model.document.root.iter(f"{tag}decision") if found.get("id") in required]
    for element in decisions:
        table = model.tables.get(element.get("name", ""))
        for column in table.outputs if table else ():
            many = table is not None and len(table.outputs) > 1
            yield column.name, Source(element.get("name", ""), column.name if many else "")
    for element in decisions:
        own = element.get("name", "")
        variable = element.find(f"{tag}variable")
        if own in model.tables or own in model.problems:
            yield element.get("id", ""), Source(own)
            if variable is not None:
                yield variable.get("name", ""), Source(own)
