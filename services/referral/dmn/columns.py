"""The columns of a decision table in DMN: their types, allowed values and defaults."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from services.referral.dmn.feel import from_feel
from services.referral.dmn.names import OURS
from services.referral.dmn.types import Named, Types, inputs_of
from services.referral.domain.decisions import Column, HitPolicy, Type
from services.referral.domain.decisions.errors import CellError
from services.referral.domain.decisions.feel import read_literal, read_tests
from services.referral.domain.decisions.reading import read_output_cell
from services.referral.domain.decisions.values import REQUIRED

NAME = re.compile(r"[^\W\d][\w .'/+*-]*")
FORMULA = re.compile(r"[+*/]|\s-\s|\s(?:and|or)\s|^if\s.*\sthen\s")
KINDS_TRIED = (Type.STRING, Type.NUMBER, Type.BOOLEAN, Type.DATE)


@dataclass(frozen=True)
class Answer:
    """What a decision says of its outputs: its name, type references (the nearest first), policy, one output only."""

    name: str
    references: tuple[str, ...]
    policy: HitPolicy
    alone: bool


class Columns:
    """Reads the columns of the tables of one model. `texts` are always the cells below a column."""

    def __init__(self, root: Element, namespace: str) -> None:
        self.namespace = namespace
        self.types = Types(root, namespace)
        self.known = inputs_of(root, namespace)

    def text(self, element: Element, path: str) -> str:
        steps = "/".join(f"{{{self.namespace}}}{step}" for step in path.split("/"))
        return element.findtext(steps, "").strip()

    def input(self, element: Element, texts: list[str]) -> Column:
        expression = element.find(f"{{{self.namespace}}}inputExpression")
        name = " ".join(self.text(element, "inputExpression/text").split())
        first, *path = name.split(".")
        inside = self.types.at(self.known.get(first, ""), path)
        known = name in self.known or inside is not None
        if expression is None or not (known or (NAME.fullmatch(name) and not FORMULA.search(name))):
            raise CellError("unsupported_expression", found=name)
        named = self.types.named(expression.get("typeRef", "") or self.known.get(name, ""))
        if inside is not None:
            named = Named(named.type or inside.type, named.allowed or inside.allowed)
        kind = named.type or _kind_of(texts, read_tests)
        allowed = self.text(element, "inputValues/text") or named.allowed
        return self._with_ours(element, _column(name, kind, allowed, element))

    def output(self, element: Element, texts: list[str], context: Answer) -> Column:
        name = element.get("name") or context.name
        named = self._output_type(element, name, context)
        kind = named.type or _kind_of(texts, read_literal)
        column = _column(name, kind, self.text(element, "outputValues/text") or named.allowed, element)
        default = self.text(element, "defaultOutputEntry/text")
        if default:
            column = replace(column, default=read_output_cell(default, column), has_default=True)
        return self._with_ours(element, column)

    def _output_type(self, element: Element, name: str, context: Answer) -> Named:
        named = self.types.named(element.get("typeRef", ""))
        for reference in context.references:
            if named.type is None:
                named = self.types.component(reference, name)
            if named.type is None and context.alone and context.policy is not HitPolicy.COUNT:
                named = self.types.named(reference)
                if context.policy.many and named.type is Type.STRINGS:
                    named = Named(Type.STRING, named.allowed)
        return named

    def _with_ours(self, element: Element, column: Column) -> Column:
        """What only our tables know of a column, from its extension."""
        for found in element.iter(f"{{{OURS}}}column"):
            kind = Type(found.get("type", column.type.value))
            column = replace(column, type=kind)
            unknown_as = found.get("unknown_as", "")
            column = replace(
                column,
                required=unknown_as == REQUIRED,
                unknown_as=read_literal(unknown_as, kind) if unknown_as not in ("", REQUIRED) else None,
                title_en=found.get("title_en", ""),
                codes=found.get("codes", ""),
            )
        return column


def _column(name: str, kind: Type, allowed: str, element: Element) -> Column:
    """A column with its allowed values, S-FEEL unary tests, in the order in which they are written."""
    column = Column(name, kind, title_es=element.get("label", ""))
    text = from_feel(allowed)
    if text == "-":
        return column
    cell = read_tests(text, kind)
    if cell.negated or kind is Type.BOOLEAN:
        return column
    if kind.ordered:
        values = tuple(span.low for span in cell.ranges if span.low == span.high)
        return replace(column, ranges=cell.ranges, values=values if len(values) == len(cell.ranges) else ())
    listed = read_literal(re.sub(r",?\s*\bunknown\b\s*(?=,|$)", "", text).lstrip(", "), Type.STRINGS)
    assert isinstance(listed, tuple)
    return replace(column, values=tuple(dict.fromkeys(listed)))


def _kind_of(texts: list[str], read: Callable[[str, Type], Any]) -> Type:
    """The one type as which all cells of an untyped column can be read; text when there is none."""
    for kind in KINDS_TRIED:
        if all(_readable(from_feel(text), kind, read) for text in texts):
            return kind
    return Type.STRING


def _readable(text: str, kind: Type, read: Callable[[str, Type], Any]) -> bool:
    try:
        return text in ("-", "unknown", "null") or read(text, kind) is not None
    except CellError:
        return False
