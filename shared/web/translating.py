"""Finds every sentence people may read and keeps the catalogs in step.

    python -m shared.web.translating                 say what is missing; exit 1 when anything is
    python -m shared.web.translating --update        add new sentences to the catalogs, drop those nobody says any more
    python -m shared.web.translating --update intake the same for one area: shared, intake, referral, notifications

Message ids are the Spanish sentences themselves. Found are: gettext calls in templates and code, sentences given to our
errors (`AppError` and everything below it), `FieldError`, `ValidationError`, `Coded` and `N_`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from shared.web.catalog import LANGUAGES

ROOT = Path(__file__).parents[2]
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false", "newstyle_gettext": "true"}
FIRST_ARGUMENT = frozenset(
    {"_", "gettext", "lazy_gettext", "N_", "Coded", "ValidationError", "translate", "AppError"}
)
BOTH_ARGUMENTS = frozenset({"ngettext", "lazy_ngettext"})
SECOND_ARGUMENT = frozenset({"FieldError"})


@dataclass(frozen=True)
class Area:
    """One catalog per language: the code and templates under `sources`, the `.po` files under `folder`."""

    name: str
    sources: Path
    folder: Path

    def po(self, language: str) -> Path:
        return self.folder / language / "LC_MESSAGES" / "messages.po"


def areas(root: Path = ROOT) -> list[Area]:
    """The shared frame (and everything else in `shared`), then each service."""
    services = sorted(path.parent for path in root.glob("services/*/__init__.py"))
    shared = Area("shared", root / "shared", root / "shared" / "web" / "translations")
    return [shared, *(Area(one.name, one, one / "translations") for one in services)]


def sentences(area: Area, errors: frozenset[str] | None = None) -> dict[str, list[str]]:
    """Message id -> `file:line` of each place that says it."""
    known = error_names() if errors is None else errors
    found: dict[str, list[str]] = {}
    for path in sorted(area.sources.rglob("*.py")):
        for line, message in _in_python(path, known):
            found.setdefault(message, []).append(f"{path.relative_to(ROOT)}:{line}")
    for path in sorted(area.sources.rglob("*.html")):
        for line, said, _comments, _context in extract_from_file("jinja2", path, options=JINJA):
            for message in said if isinstance(said, tuple) else (said,):
                found.setdefault(message, []).append(f"{path.relative_to(ROOT)}:{line}")
    found.pop("", None)
    return found


def error_names(root: Path = ROOT) -> frozenset[str]:
    """Names of every class in the code that is an `AppError`."""
    bases: dict[str, set[str]] = {}
    for folder in ("shared", "services"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    bases.setdefault(node.name, set()).update(_last_name(base) for base in node.bases)
    known = {"AppError"}
    while grown := {name for name, above in bases.items() if above & known} - known:
        known |= grown
    return frozenset(known)


def missing(area: Area, language: str, shared: Mapping[str, str]) -> dict[str, list[str]]:
    """Sentences of `area` that have no translation in its own catalog or in `shared`'s."""
    translated = dict(shared) | translations(area.po(language))
    return {text: places for text, places in sentences(area).items() if not translated.get(text)}


def translations(path: Path) -> dict[str, str]:
    """The catalog at `path` as a mapping; empty when there is none. Fuzzy entries count as not translated."""
    if not path.exists():
        return {}
    with path.open("rb") as source:
        catalog = read_po(source)
    return {str(one.id): str(one.string) for one in catalog if one.id and not one.fuzzy}


def update(area: Area, language: str, shared: Mapping[str, str]) -> None:
    """Rewrite the catalog of `area`: what is said, in order, with the translations there are.

    A sentence that the shared catalog translates is left to it.
    """
    known = translations(area.po(language))
    catalog = Catalog(locale=language)
    for text, places in sentences(area).items():
        if text in known or not shared.get(text):
            locations = sorted({(place.rsplit(":", 1)[0], None) for place in places})
            catalog.add(text, string=known.get(text, ""), locations=locations)  # type: ignore[arg-type]
    path = area.po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        target.write(HEADER.format(language=language).encode())
        write_po(target, catalog, width=110, omit_header=True, sort_output=True, include_lineno=False)


HEADER = """# Written by `python -m shared.web.translating --update`; translate the empty msgstr lines.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def _in_python(path: Path, errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _said(node, errors)
        elif isinstance(node, ast.ClassDef) and node.name in errors:
            yield from _said_by_error(node)


def _said(call: ast.Call, errors: frozenset[str]) -> Iterator[tuple[int, str]]:
    name = _last_name(call.func)
    if name in FIRST_ARGUMENT or name in errors:
        yield from _texts(call.args[:1])
    elif name in BOTH_ARGUMENTS:
        yield from _texts(call.args[:2])
    elif name in SECOND_ARGUMENT:
        yield from _texts(call.args[1:2])
    for keyword in call.keywords:
        if keyword.arg == "message" and (name in SECOND_ARGUMENT or name in errors):
            yield from _texts([keyword.value])


def _said_by_error(error: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """What an error says by itself: the first argument of `super().__init__`."""
    for node in ast.walk(error):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "__init__"
        ):
            yield from _texts(node.args[:1])


def _texts(arguments: Iterable[ast.expr]) -> Iterator[tuple[int, str]]:
    for argument in arguments:
        if isinstance(argument, ast.IfExp):
            yield from _texts([argument.body, argument.orelse])
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.lineno, argument.value


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    shared_area, *_services = everything = areas()
    count = 0
    for language in (code for code in LANGUAGES if code != "es"):
        for area in everything:
            shared = {} if area is shared_area else translations(shared_area.po(language))
            if "--update" in arguments and (len(arguments) == 1 or area.name in arguments):
                update(area, language, shared)
            for text, places in missing(area, language, shared).items():
                count += 1
                print(f"{language} {area.name}: {text!r} ({places[0]})")  # noqa: T201
    print(f"{count} sentences without a translation")  # noqa: T201
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
