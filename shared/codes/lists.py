"""Reads the packaged code lists.

Every list is a CSV file beside this module with the columns `code`, `es`, `en` and any number of facts.
Facts are text; a fact that holds several values separates them with `;`.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent


class UnknownList(LookupError):
    """No code list has this name."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code with its names and its facts."""

    code: str
    es: str
    en: str
    facts: Mapping[str, str]

    def fact(self, name: str) -> str:
        """The fact as text, empty when the list leaves it out for this code; KeyError for an unknown column."""
        return self.facts[name]

    def several(self, name: str) -> tuple[str, ...]:
        """A fact that holds several values, in the order of the file."""
        return tuple(part for part in self.facts[name].split(";") if part)

    def is_true(self, name: str) -> bool:
        """Whether the fact says `yes`."""
        return self.facts[name] == "yes"

    def label(self, locale: str) -> str:
        """The name for people: English for `en…`, Spanish for every other locale."""
        return self.en if locale.startswith("en") else self.es


@cache
def names() -> tuple[str, ...]:
    """The names of all code lists, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


@cache
def load(name: str) -> Mapping[str, Code]:
    """The list called `name`, in the order of its file; raises UnknownList."""
    if name not in names():
        raise UnknownList(f"no code list is called {name!r}; there are: {', '.join(names())}")
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = [_code(name, reader.line_num, row) for row in reader]
    found = {row.code: row for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{name}.csv holds a code twice")
    return MappingProxyType(found)


def _code(name: str, line: int, row: dict[str, str]) -> Code:
    if None in row or None in row.values():
        raise ValueError(f"{name}.csv, line {line}: number of cells differs from the header")
    facts = {key: value for key, value in row.items() if key not in ("code", "es", "en")}
    return Code(row["code"], row["es"], row["en"], MappingProxyType(facts))


def values(name: str) -> frozenset[str]:
    """All codes of the list, for membership tests."""
    return frozenset(load(name))


def nearest(name: str, wrong: str, n: int = 3) -> list[str]:
    """Up to `n` codes of the list that look most like `wrong`, best first; empty when nothing is close.

    Case is ignored, and the Spanish and English names count too, so that `violación` finds `GBV.RAPE`.
    """
    spellings: dict[str, str] = {}
    for code in load(name).values():
        for text in (code.en, code.es, code.code):
            spellings[text.casefold()] = code.code
    close = difflib.get_close_matches(wrong.casefold(), spellings, n=n * 3, cutoff=0.5)
    return list(dict.fromkeys(spellings[text] for text in close))[:n]
