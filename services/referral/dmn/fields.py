"""Inputs and outputs of a decision table as DMN elements."""

from xml.etree.ElementTree import Element, SubElement

from services.referral.dmn.feel import from_feel
from services.referral.dmn.names import OURS, STRING_LIST
from services.referral.domain.decisions import Column, Type
from services.referral.domain.decisions.ranges import range_text
from services.referral.domain.decisions.values import REQUIRED, literal

ORDER = (
    "description",
    "extensionElements",
    "inputExpression",
    "inputValues",
    "outputValues",
    "defaultOutputEntry",
)
TYPE_NAMES = {Type.STRINGS: STRING_LIST, Type.INTEGER: "number"}


def type_name(column: Column) -> str:
    """How DMN calls a column's type."""
    return TYPE_NAMES.get(column.type, column.type.value)


def write_input(old: Element | None, column: Column, namespace: str) -> Element:
    """An input element: the old one where it says the same, with what changed."""
    element = old if old is not None else Element(f"{{{namespace}}}input")
    expression = _part(element, "inputExpression", namespace)
    if old is None:
        expression.set("typeRef", type_name(column))
    _set_text(expression, column.name, namespace)
    _allowed(element, "inputValues", column, namespace)
    _label(element, column)
    _extension(element, column, namespace)
    return element


def write_output(old: Element | None, column: Column, namespace: str) -> Element:
    """An output element: the old one where it says the same, with what changed."""
    element = old if old is not None else Element(f"{{{namespace}}}output", {"name": column.name})
    if old is None:
        element.set("typeRef", type_name(column))
    _allowed(element, "outputValues", column, namespace)
    if column.has_default:
        _set_text(_part(element, "defaultOutputEntry", namespace), literal(column.default), namespace)
    else:
        _drop(element, "defaultOutputEntry", namespace)
    _label(element, column)
    _extension(element, column, namespace)
    return element


def _allowed(element: Element, name: str, column: Column, namespace: str) -> None:
    """The allowed values. An element without any keeps what it has: it may repeat those of its type."""
    if column.values and not column.type.ordered:
        _set_text(_part(element, name, namespace), ", ".join(map(literal, column.values)), namespace)
    elif column.ranges:
        _set_text(_part(element, name, namespace), ", ".join(map(range_text, column.ranges)), namespace)


def _label(element: Element, column: Column) -> None:
    if column.title_es and column.title_es != element.get("label"):
        element.set("label", column.title_es)


def _extension(element: Element, column: Column, namespace: str) -> None:
    """What only our tables know of a column; nothing for a column that knows nothing of the kind."""
    ours = {"title_en": column.title_en, "codes": column.codes}
    ours["type"] = column.type.value if column.type is Type.INTEGER else ""
    ours["unknown_as"] = REQUIRED if column.required else ""
    if column.unknown_as is not None:
        ours["unknown_as"] = literal(column.unknown_as)
    extension = element.find(f"{{{namespace}}}extensionElements")
    if extension is not None:
        for old in extension.findall(f"{{{OURS}}}column"):
            extension.remove(old)
    kept = {name: value for name, value in ours.items() if value}
    if kept:
        SubElement(_part(element, "extensionElements", namespace), f"{{{OURS}}}column", kept)


def _part(element: Element, name: str, namespace: str) -> Element:
    """The child of a name, made at its place when it is missing."""
    found = element.find(f"{{{namespace}}}{name}")
    if found is None:
        found = Element(f"{{{namespace}}}{name}")
        before = ORDER[: ORDER.index(name)]
        place = sum(1 for child in element if child.tag.rpartition("}")[2] in before)
        element.insert(place, found)
    return found


def _drop(element: Element, name: str, namespace: str) -> None:
    found = element.find(f"{{{namespace}}}{name}")
    if found is not None:
        element.remove(found)


def _set_text(element: Element, text: str, namespace: str) -> None:
    """Sets the `text` of an expression, unless it says the same already."""
    found = element.find(f"{{{namespace}}}text")
    if found is None:
        found = SubElement(element, f"{{{namespace}}}text")
    if _squeezed(found.text or "") != _squeezed(text):
        found.text = text


def _squeezed(text: str) -> str:
    return "".join(from_feel(text).split())
