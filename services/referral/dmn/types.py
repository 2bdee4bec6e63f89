"""Types of a DMN model: built-in ones, and those that its item definitions derive from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from services.referral.domain.decisions import Type
from services.referral.domain.decisions.errors import CellError

BUILT_IN = {
    "string": Type.STRING,
    "number": Type.NUMBER,
    "integer": Type.INTEGER,
    "long": Type.INTEGER,
    "double": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "date": Type.DATE,
}
FURTHEST = 20


@dataclass(frozen=True)
class Named:
    """What a type name stands for: a type of ours (None: any), and the allowed values as S-FEEL text."""

    type: Type | None
    allowed: str = ""


class Types:
    """The item definitions of a model by name."""

    def __init__(self, root: Element, namespace: str) -> None:
        self.namespace = namespace
        self.items = {item.get("name", ""): item for item in root.findall(f"{{{namespace}}}itemDefinition")}

    def named(self, reference: str, depth: int = 0) -> Named:
        """What a typeRef means. Raises CellError for a type that a table cannot hold."""
        name = reference.strip()
        local = name.rpartition(":")[2].rpartition(".")[2] if name not in self.items else name
        if not name or local in ("Any", "any"):
            return Named(None)
        if local in self.items and depth < FURTHEST:
            return self._item(self.items[local], depth)
        if local.lower() in BUILT_IN:
            return Named(BUILT_IN[local.lower()])
        raise CellError("bad_type", found=name)

    def _item(self, item: Element, depth: int) -> Named:
        if item.find(f"{{{self.namespace}}}itemComponent") is not None:
            return Named(None)
        base = self.named(item.findtext(f"{{{self.namespace}}}typeRef", ""), depth + 1)
        allowed = self._allowed(item, "allowedValues")
        if item.get("isCollection") != "true":
            return Named(base.type, allowed or self._allowed(item, "typeConstraint") or base.allowed)
        if base.type not in (Type.STRING, None):
            raise CellError("bad_type", found=f"list<{base.type}>")
        return Named(Type.STRINGS, allowed or base.allowed)

    def _allowed(self, item: Element, kind: str) -> str:
        """The allowed values; DMN 1.5 has two elements for them, which only for collections mean different things."""
        return item.findtext(f"{{{self.namespace}}}{kind}/{{{self.namespace}}}text", "").strip()

    def at(self, reference: str, path: Sequence[str]) -> Named | None:
        """What a path into a structured type means; None when there is no such path."""
        named, item = None, self.items.get(_local(reference))
        for step in path:
            parts = [] if item is None else item.findall(f"{{{self.namespace}}}itemComponent")
            part = next((part for part in parts if part.get("name") == step), None)
            if part is None:
                return None
            named = self._item(part, 0)
            base = self.items.get(_local(part.findtext(f"{{{self.namespace}}}typeRef", "")))
            item = part if base is None else base
        return named

    def component(self, reference: str, name: str) -> Named:
        """What a component of a structured type means; anything when there is none of that name."""
        item = self.items.get(reference.strip().rpartition(":")[2])
        for part in item.findall(f"{{{self.namespace}}}itemComponent") if item is not None else ():
            if part.get("name") == name:
                return self._item(part, 0)
        return Named(None)


def _local(reference: str) -> str:
    return reference.strip().rpartition(":")[2]


def inputs_of(root: Element, namespace: str) -> Mapping[str, str]:
    """For every input data and decision of a model: its name, that of its variable, and the variable's typeRef."""
    found = {}
    for kind in ("inputData", "decision"):
        for element in root.findall(f"{{{namespace}}}{kind}"):
            variable = element.find(f"{{{namespace}}}variable")
            reference = variable.get("typeRef", "") if variable is not None else ""
            found[element.get("name", "")] = reference
            if variable is not None:
                found.setdefault(variable.get("name", ""), reference)
    return found
