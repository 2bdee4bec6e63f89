"""Decision tables out of a DMN model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from services.referral.dmn.columns import Answer, Columns
from services.referral.dmn.documents import Document, parse
from services.referral.dmn.feel import from_feel
from services.referral.dmn.names import OURS, POLICIES, READABLE
from services.referral.domain.decisions import Column, DecisionTable, HitPolicy, Row, TableErrors, Type
from services.referral.domain.decisions.errors import CellError, Problem
from services.referral.domain.decisions.reading import read_input_cell, read_output_cell, shape_problem

DESCRIPTION = "description"


@dataclass(frozen=True)
class Model:
    """A DMN model: its document, and the tables in it by the name of their decision, in order.

    `problems` holds what is wrong with each table that could not be read, when such ones were let pass.
    """

    document: Document
    namespace: str
    tables: Mapping[str, DecisionTable]
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return READABLE[self.namespace]

    def decision(self, name: str) -> Element:
        """The element of a decision; raises KeyError."""
        for element in self.document.root.iter(f"{{{self.namespace}}}decision"):
            if element.get("name") == name:
                return element
        raise KeyError(name)


def read_dmn(data: bytes, file: str = "", *, partly: bool = False) -> Model:
    """A DMN 1.1 to 1.5 model with its decision tables. Raises TableErrors with every mistake in them.

    `row` of a problem counts the rules from 1. Decisions without a table are kept in the document only. With
    `partly` tables that cannot be read do no harm until they are asked.
    """
    document = parse(data, file)
    namespace = document.root.tag.partition("}")[0][1:]
    if namespace not in READABLE:
        raise TableErrors([Problem("not_dmn", file, values={"found": document.root.tag})])
    tables, problems = {}, {}
    for decision in document.root.iter(f"{{{namespace}}}decision"):
        element = decision.find(f"{{{namespace}}}decisionTable")
        if element is not None:
            name = decision.get("name", "")
            reader = _Reader(document.root, namespace, file)
            if name in tables or name in problems:
                raise TableErrors([Problem("duplicate_decision", file, values={"found": name})])
            table = reader.table(decision, element)
            if reader.problems:
                problems[name] = tuple(reader.problems)
            else:
                tables[name] = table
    if problems and not (partly and tables):
        raise TableErrors([problem for found in problems.values() for problem in found])
    if not tables:
        raise TableErrors([Problem("no_table", file)])
    return Model(document, namespace, tables, problems)


class _Reader:
    """Reads the tables of one document and gathers what is wrong."""

    def __init__(self, root: Element, namespace: str, file: str) -> None:
        self.namespace = namespace
        self.file = file
        self.columns = Columns(root, namespace)
        self.problems: list[Problem] = []
        self.unread: list[
            Column
        ] = []  # stand in for columns that are not understood, and so their cells neither

    def all(self, element: Element, path: str) -> list[Element]:
        return element.findall("/".join(f"{{{self.namespace}}}{step}" for step in path.split("/")))

    def text(self, element: Element, path: str) -> str:
        found = self.all(element, path)
        return (found[0].text or "").strip() if found else ""

    def note(self, error: CellError, row: int = 0, column: str = "") -> None:
        place = error.problem.column or column
        self.problems.append(error.problem.at(file=self.file, row=row, column=place))

    def table(self, decision: Element, element: Element) -> DecisionTable:
        name = decision.get("name", "")
        policy = self._policy(element, name)
        rules = self.all(element, "rule")
        inputs = list(self._columns(element, "input", self.columns.input, rules))
        answer = self._answer(decision, element, policy)
        outputs = list(
            self._columns(
                element, "output", lambda found, texts: self.columns.output(found, texts, answer), rules
            )
        )
        self._check_shape(policy, inputs, outputs)
        notes = [
            found.get("name", "") or f"annotation {at}"
            for at, found in enumerate(self.all(element, "annotation"), 1)
        ]
        if DESCRIPTION not in notes and any(self.all(rule, DESCRIPTION) for rule in rules):
            notes.append(DESCRIPTION)
        rows = [self._row(rule, number, inputs, outputs, notes) for number, rule in enumerate(rules, 1)]
        self._check_ids(rows)
        return DecisionTable(name, policy, tuple(inputs), tuple(outputs), tuple(rows), tuple(notes))

    def _policy(self, element: Element, name: str) -> HitPolicy:
        written = (element.get("hitPolicy", "UNIQUE"), element.get("aggregation", ""))
        if written not in POLICIES:
            self.note(CellError("bad_policy", found=" ".join(written).strip()), column=name)
        return POLICIES.get(written, HitPolicy.UNIQUE)

    def _answer(self, decision: Element, table: Element, policy: HitPolicy) -> Answer:
        variables = self.all(decision, "variable")
        references = (table.get("typeRef", ""), variables[0].get("typeRef", "") if variables else "")
        name = decision.get("name", "") or table.get("outputLabel", "") or "output"
        alone = len(self.all(table, "output")) == 1
        return Answer(name, tuple(filter(None, references)), policy, alone)

    def _columns(
        self,
        element: Element,
        kind: str,
        read: Callable[[Element, list[str]], Column],
        rules: Sequence[Element],
    ) -> Iterator[Column]:
        for index, found in enumerate(self.all(element, kind)):
            entries = [self.all(rule, f"{kind}Entry") for rule in rules]
            texts = [self.text(cells[index], "text") for cells in entries if index < len(cells)]
            try:
                yield read(found, texts)
            except CellError as error:
                self.note(error, column=found.get("label") or found.get("name") or f"{kind} {index + 1}")
                self.unread.append(Column(f"{kind} {index + 1}", Type.STRING))
                yield self.unread[-1]

    def _check_shape(self, policy: HitPolicy, inputs: list[Column], outputs: list[Column]) -> None:
        problem = shape_problem(policy, outputs)
        if problem is not None:
            self.problems.append(problem.at(file=self.file))
        names = [column.name for column in (*inputs, *outputs)]
        for twice in sorted({name for name in names if [c.name for c in inputs].count(name) > 1}):
            self.note(CellError("duplicate_column", found=twice), column=twice)

    def _row(
        self, rule: Element, number: int, inputs: list[Column], outputs: list[Column], notes: list[str]
    ) -> Row:
        cells = self._cells(rule, number, "inputEntry", inputs, lambda t, c: read_input_cell(from_feel(t), c))
        values = self._cells(
            rule, number, "outputEntry", outputs, lambda t, c: read_output_cell(t or "null", c)
        )
        texts = tuple(self.text(entry, "text") or "null" for entry in self.all(rule, "outputEntry"))
        written = [self.text(entry, "text") for entry in self.all(rule, "annotationEntry")]
        annotations = dict(zip(notes, [*written, *[""] * len(notes)], strict=False))
        if DESCRIPTION in notes and not annotations[DESCRIPTION]:
            annotations[DESCRIPTION] = self.text(rule, DESCRIPTION)
        row_id = rule.get(f"{{{OURS}}}id") or rule.get("id") or f"rule-{number}"
        return Row(row_id, tuple(cells), tuple(values), annotations, texts)

    def _cells(
        self, rule: Element, number: int, kind: str, columns: list[Column], read: Callable[[str, Column], Any]
    ) -> list[Any]:
        entries = self.all(rule, kind)
        if len(entries) != len(columns):
            code = "short_row" if len(entries) < len(columns) else "long_row"
            self.note(CellError(code, found=len(entries), expected=len(columns)), number)
            return []
        found = []
        for entry, column in zip(entries, columns, strict=True):
            if any(column is stand_in for stand_in in self.unread):
                continue
            try:
                found.append(read(self.text(entry, "text"), column))
            except CellError as error:
                self.note(error, number, column.name)
        return found

    def _check_ids(self, rows: Sequence[Row]) -> None:
        first: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            if row.id in first:
                self.note(CellError("duplicate_id", found=row.id, first=first[row.id]), number, "id")
            first.setdefault(row.id, number)
