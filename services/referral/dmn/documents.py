"""XML in and out, with the prefixes that the author chose."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, indent
from xml.sax.saxutils import escape, quoteattr

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from services.referral.dmn.names import OURS
from services.referral.domain.decisions.errors import Problem, TableErrors

PREFERRED = {OURS: "ruta"}
DEEPEST = 200  # elements within elements; copying and writing go down by recursion
CARRIAGE_RETURN = {"\r": "&#13;"}  # a plain one would be read as the end of a line
XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True)
class Document:
    """A tree with the prefix of every namespace in it."""

    root: Element
    prefixes: Mapping[str, str]


def parse(data: bytes, file: str) -> Document:
    """A document without external parts or entities. Raises TableErrors for anything else."""
    try:
        return _document(data, file)
    except TableErrors:
        raise
    except ParseError as error:
        line, column = error.position
        raise TableErrors([Problem("bad_xml", file, values={"line": line, "column": column + 1})]) from error
    except DefusedXmlException as error:
        raise TableErrors([Problem("unsafe_xml", file)]) from error
    except (ValueError, LookupError) as error:
        raise TableErrors([Problem("xml_encoding", file)]) from error


def _document(data: bytes, file: str) -> Document:
    prefixes: dict[str, str] = {}
    root: Element | None = None
    events = defusedxml.ElementTree.iterparse(
        io.BytesIO(data), events=("start-ns", "start", "end"), forbid_dtd=True
    )
    depth = 0
    for event, found in events:
        if event == "start-ns":
            prefixes.setdefault(found[1], found[0])
            continue
        root = found if root is None else root
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise TableErrors([Problem("deep_xml", file, values={"most": DEEPEST})])
    if root is None:
        raise TableErrors([Problem("not_dmn", file, values={"found": "–"})])
    return Document(root, prefixes)


def serialize(document: Document) -> bytes:
    """The document as UTF-8, every namespace declared at its root."""
    prefixes = _unique(document)
    indent(document.root, "  ")
    text = "".join(_written(document.root, prefixes, declare=True))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _unique(document: Document) -> dict[str, str]:
    """A prefix for every namespace in use or declared; no prefix stands for two."""
    used = dict.fromkeys(namespace for element in document.root.iter() for namespace in _namespaces(element))
    found: dict[str, str] = {}
    for namespace in (*document.prefixes, *used):
        wanted = document.prefixes.get(namespace, PREFERRED.get(namespace, f"n{len(found)}"))
        while wanted in found.values():
            wanted = f"n{len(found)}{wanted}"
        found.setdefault(namespace, wanted)
    return found


def _namespaces(element: Element) -> Iterator[str]:
    for name in (element.tag, *element.attrib):
        if name.startswith("{"):
            yield name[1:].split("}")[0]


def _written(element: Element, prefixes: Mapping[str, str], *, declare: bool = False) -> Iterator[str]:
    tag = _name(element.tag, prefixes)
    attributes = [
        f" {_name(name, prefixes, attribute=True)}={quoteattr(value)}" for name, value in element.items()
    ]
    if declare:
        attributes += [
            f" xmlns{':' + prefix if prefix else ''}={quoteattr(namespace)}"
            for namespace, prefix in prefixes.items()
            if namespace != XML
        ]
    yield f"<{tag}{''.join(attributes)}"
    if len(element) == 0 and not element.text:
        yield "/>"
        return
    yield f">{escape(element.text or '', CARRIAGE_RETURN)}"
    for child in element:
        yield from _written(child, prefixes)
        yield escape(child.tail or "", CARRIAGE_RETURN)
    yield f"</{tag}>"


def _name(name: str, prefixes: Mapping[str, str], *, attribute: bool = False) -> str:
    if not name.startswith("{"):
        return name
    namespace, local = name[1:].split("}")
    if namespace == XML:
        return f"xml:{local}"
    prefix = prefixes[namespace]
    return f"{prefix}:{local}" if prefix else local
