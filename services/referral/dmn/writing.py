"""Decision tables into a DMN model.

A model that was read is changed only where its tables changed: everything that its author wrote besides, and every
id, label and description, stays. A table of ours becomes a model of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from services.referral.dmn.documents import Document, serialize
from services.referral.dmn.feel import from_feel, to_feel
from services.referral.dmn.fields import type_name, write_input, write_output
from services.referral.dmn.names import (
    MODEL_OF,
    NAMES_OF_POLICIES,
    NEWEST,
    OURS,
    STRING_LIST,
    VERSIONS,
    to_version,
)
from services.referral.dmn.reading import DESCRIPTION, Model
from services.referral.domain.decisions import DecisionTable, HitPolicy, Row, Type
from services.referral.domain.decisions.values import literal

SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
ENTRIES = ("description", "extensionElements", "inputEntry", "outputEntry", "annotationEntry")
ID = re.compile(r"[A-Za-z_][\w.-]*")


def model_of(tables: Iterable[DecisionTable], name: str = "ruta") -> Model:
    """A new model that holds these tables."""
    namespace = MODEL_OF[NEWEST]
    root = Element(
        f"{{{namespace}}}definitions", {"id": "definitions", "name": name, "namespace": f"urn:ruta:{name}"}
    )
    document = Document(root, {namespace: ""})
    model = Model(document, namespace, {})
    for table in tables:
        ids = {"id": _xml_id(f"decision_{table.name}"), "name": table.name}
        decision = SubElement(root, f"{{{namespace}}}decision", ids)
        SubElement(decision, f"{{{namespace}}}variable", {"name": table.name})
        for column in table.inputs:
            needed = SubElement(decision, f"{{{namespace}}}informationRequirement")
            SubElement(
                needed, f"{{{namespace}}}requiredInput", {"href": f"#{_xml_id(f'input_{column.name}')}"}
            )
        SubElement(decision, f"{{{namespace}}}decisionTable", {"id": _xml_id(f"table_{table.name}")})
        model = replace(model, tables={**model.tables, table.name: table})
    _add_input_data(model)
    return with_tables(model, model.tables)


def _add_input_data(model: Model) -> None:
    """Declares the inputs of all tables, and the type of lists when one of them is a list."""
    root, namespace = model.document.root, model.namespace
    columns = {column.name: column for table in model.tables.values() for column in table.inputs}
    for column in columns.values():
        ids = {"id": _xml_id(f"input_{column.name}"), "name": column.name}
        data = SubElement(root, f"{{{namespace}}}inputData", ids)
        SubElement(data, f"{{{namespace}}}variable", {"name": column.name, "typeRef": type_name(column)})
    every = [column for table in model.tables.values() for column in (*table.inputs, *table.outputs)]
    if any(column.type is Type.STRINGS for column in every):
        item = Element(f"{{{namespace}}}itemDefinition", {"name": STRING_LIST, "isCollection": "true"})
        SubElement(item, f"{{{namespace}}}typeRef").text = "string"
        root.insert(0, item)


def with_tables(model: Model, tables: Mapping[str, DecisionTable]) -> Model:
    """The model with other tables for decisions that it has; raises KeyError for one that it has not."""
    root = deepcopy(model.document.root)
    changed = replace(
        model, document=Document(root, model.document.prefixes), tables={**model.tables, **tables}
    )
    for name, table in tables.items():
        element = changed.decision(name).find(f"{{{model.namespace}}}decisionTable")
        if element is None:
            raise KeyError(name)
        _Writer(root, model.namespace).write(element, table)
    return changed


def write_dmn(model: Model, version: str | None = None) -> bytes:
    """The model as XML of DMN 1.3, 1.4 or 1.5: as it was read, or the newest when that is older."""
    wanted = version or (model.version if model.version in VERSIONS else NEWEST)
    root = deepcopy(model.document.root)
    if wanted != model.version:
        root.attrib.pop(SCHEMA_LOCATION, None)
    for element in root.iter():
        element.tag = _moved(element.tag, wanted)
    for attribute in ("expressionLanguage", "typeLanguage"):
        if attribute in root.attrib:
            root.set(attribute, to_version(root.attrib[attribute], wanted))
    prefixes = {to_version(uri, wanted): prefix for uri, prefix in model.document.prefixes.items()}
    return serialize(Document(root, prefixes))


def _moved(tag: str, version: str) -> str:
    uri, brace, local = tag[1:].partition("}")
    return f"{{{to_version(uri, version)}}}{local}" if brace else tag


def _xml_id(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text)


class _Writer:
    """Writes tables into the elements of one document."""

    def __init__(self, root: Element, namespace: str) -> None:
        self.namespace = namespace
        self.taken = {found.get("id", "") for found in root.iter()}

    def tag(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}"

    def write(self, element: Element, table: DecisionTable) -> None:
        """Makes an element say what a table says."""
        policy, aggregation = NAMES_OF_POLICIES[table.policy]
        if table.policy is not HitPolicy.UNIQUE or "hitPolicy" in element.attrib:
            element.set("hitPolicy", policy)
        element.attrib.pop("aggregation", None)
        if aggregation:
            element.set("aggregation", aggregation)
        old = {kind: element.findall(self.tag(kind)) for kind in ("input", "output", "annotation", "rule")}
        for found in (found for elements in old.values() for found in elements):
            element.remove(found)
        self._columns(element, table, old)
        named = {found.get("name", "") for found in old["annotation"]}
        columns = [
            name for name in table.annotations if name != DESCRIPTION or name in named or not old["rule"]
        ]
        self._annotations(element, columns, old["annotation"])
        self._rules(element, table, columns, old["rule"])

    def _columns(self, element: Element, table: DecisionTable, old: Mapping[str, list[Element]]) -> None:
        inputs = {_expression(found, self.namespace): found for found in old["input"]}
        outputs = {found.get("name", ""): found for found in old["output"]}
        alone = old["output"][0] if len(old["output"]) == len(table.outputs) == 1 else None
        for column in table.inputs:
            element.append(write_input(inputs.get(column.name), column, self.namespace))
        for column in table.outputs:
            element.append(write_output(outputs.get(column.name, alone), column, self.namespace))
        for found in (*element.findall(self.tag("input")), *element.findall(self.tag("output"))):
            if "id" not in found.attrib:
                name = found.get("name") or _expression(found, self.namespace)
                found.set("id", self._fresh(f"{found.tag.rpartition('}')[2]}_{table.name}_{name}"))

    def _fresh(self, wanted: str) -> str:
        """An id that nothing else in the document has."""
        free = _xml_id(wanted)
        while free in self.taken:
            free += "_"
        self.taken.add(free)
        return free

    def _annotations(self, element: Element, names: Sequence[str], old: list[Element]) -> None:
        kept = {found.get("name"): found for found in old}
        for name in names:
            found = kept.get(name)
            element.append(found if found is not None else Element(self.tag("annotation"), {"name": name}))

    def _rules(self, element: Element, table: DecisionTable, columns: list[str], old: list[Element]) -> None:
        by_id = {
            rule.get(f"{{{OURS}}}id") or rule.get("id") or f"rule-{n}": rule for n, rule in enumerate(old, 1)
        }
        for row in table.rows:
            rule = by_id.get(row.id)
            if rule is None:
                rule = Element(self.tag("rule"), self._ids(row.id))
            self._entries(rule, "inputEntry", [to_feel(cell.text) for cell in row.cells])
            self._entries(rule, "outputEntry", list(row.output_texts) or list(map(literal, row.outputs)))
            self._entries(rule, "annotationEntry", [row.annotations.get(name, "") for name in columns])
            self._describe(rule, row, columns)
            element.append(rule)

    def _ids(self, row_id: str) -> dict[str, str]:
        """A rule's id where XML allows it and it is free; else another one, with ours beside it."""
        if ID.fullmatch(row_id) and row_id not in self.taken:
            return {"id": self._fresh(row_id)}
        return {"id": self._fresh(f"_{row_id}"), f"{{{OURS}}}id": row_id}

    def _entries(self, rule: Element, kind: str, texts: list[str]) -> None:
        """Puts texts into a rule's entries; an entry that means the same already is left as it is."""
        old = rule.findall(self.tag(kind))
        for surplus in old[len(texts) :]:
            rule.remove(surplus)
        for entry, text in zip(old, texts, strict=False):
            found = entry.find(self.tag("text"))
            if found is None:
                found = SubElement(entry, self.tag("text"))
            if _meaning(kind, found.text or "") != _meaning(kind, text):
                found.text = text
        for text in texts[len(old) :]:
            place = sum(
                1 for child in rule if child.tag.rpartition("}")[2] in ENTRIES[: ENTRIES.index(kind) + 1]
            )
            entry = Element(self.tag(kind))
            if kind != "annotationEntry":
                entry.set("id", self._fresh(f"{rule.get('id')}-{place}"))
            SubElement(entry, self.tag("text")).text = text
            rule.insert(place, entry)

    def _describe(self, rule: Element, row: Row, columns: list[str]) -> None:
        if DESCRIPTION in columns or DESCRIPTION not in row.annotations:
            return
        found = rule.find(self.tag(DESCRIPTION))
        if found is None:
            found = Element(self.tag(DESCRIPTION))
            rule.insert(0, found)
        if (found.text or "").strip() != row.annotations[DESCRIPTION]:
            found.text = row.annotations[DESCRIPTION]


def _meaning(kind: str, text: str) -> str:
    """What an entry says, however it is written."""
    if kind == "inputEntry":
        return from_feel(text)
    return text.strip() or ("null" if kind == "outputEntry" else "")


def _expression(element: Element, namespace: str) -> str:
    text = element.findtext(f"{{{namespace}}}inputExpression/{{{namespace}}}text", "")
    return " ".join(text.split())
