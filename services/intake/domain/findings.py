"""What is wrong with an assessment, collected field by field.

A finding has a stable `code` for machines and a sentence for the focal point. The sentence is Spanish and a gettext
id at once; its `%(name)s` places are filled after translation.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.domain.sentences import SENTENCES
from shared.errors import FieldError

MAX_ECHO = 60
"""Longest piece of input that a sentence repeats."""


class Findings:
    """Everything wrong with one document: `fields` maps a dotted path (`needs.0.code`) to its findings, in the order
    in which they were found."""

    def __init__(self) -> None:
        self.fields: dict[str, list[FieldError]] = {}

    def __bool__(self) -> bool:
        return bool(self.fields)

    def add(self, field: str, code: str, **params: object) -> None:
        """Note that `field` is wrong. `code` must be a key of SENTENCES."""
        self.fields.setdefault(field, []).append(finding(code, **params))

    def codes(self) -> set[tuple[str, str]]:
        """`(field, code)` of every finding."""
        return {(field, one.code) for field, found in self.fields.items() for one in found}

    def touches(self, *prefixes: str) -> bool:
        """Whether something at or below one of `prefixes` is wrong already."""
        return any(
            field == prefix or field.startswith(prefix + ".") for field in self.fields for prefix in prefixes
        )


def finding(code: str, **params: object) -> FieldError:
    """The error `code` with its sentence. Raises KeyError for a code that has no sentence."""
    shown = {name: echo(value) for name, value in params.items()}
    return FieldError(code, SENTENCES[code], shown or None)


def echo(value: object) -> str:
    """`value` as a sentence may repeat it: short, printable, on one line."""
    text = value if isinstance(value, str) else str(value)
    text = "".join(letter if letter.isprintable() else "�" for letter in text[: MAX_ECHO + 1])
    return text if len(text) <= MAX_ECHO else text[:MAX_ECHO] + "…"


def one_of(words: Iterable[str]) -> str:
    """`a, b, c`: how a sentence lists what is allowed."""
    return ", ".join(words)
