"""Message templates: fixed text and slots from closed lists, one file per language, read strictly.

`templates/<id>/<language>.txt` holds one line. Slots are written `{date}`; nothing else may stand in braces.
A template without both languages, with an unknown slot, or whose own words the guard refuses, does not load:
the service does not start with it. Texts follow the sample set S1 to S7 (plain Spanish, "usted", neutral).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from services.notifications.domain import guard, slots

FOLDER: Final = Path(__file__).resolve().parent.parent / "templates"
LANGUAGES: Final = ("es", "en")
DEFAULT_LANGUAGE: Final = "es"

APPOINTMENT, RECEIVED, CALL_BACK, ERRAND = "S1", "S2", "S3", "S4"
INCOME, FEEDBACK, NEW_CASE = "S5", "S6", "S7"
SENSITIVE_TEMPLATE: Final = CALL_BACK

_PIECE: Final = re.compile(r"\{([^{}]*)\}")
_AFTER: Final = re.compile(r"[.,;]?(?:\s|$)")


class TemplateError(Exception):
    """A template that cannot be used; the sentence names the file and what is wrong with it."""


@dataclass(frozen=True)
class Template:
    """One text in one language. `pieces` alternates fixed text and slot names, starting with text."""

    id: str
    language: str
    pieces: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        return self.pieces[1::2]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its slots filled from their closed lists, or `SlotError`. Not yet guarded."""
        missing = [slot for slot in self.slots if slot not in values]
        if missing:
            raise slots.SlotError(f"no value for slot {missing[0]}")
        filled = [
            slots.check(piece, values[piece]) if odd % 2 else piece for odd, piece in enumerate(self.pieces)
        ]
        return "".join(filled)


def parse(template_id: str, language: str, text: str) -> Template:
    """A template from the text of its file, or `TemplateError`."""
    where = f"{template_id}/{language}"
    line = text.removesuffix("\n")
    if "\n" in line or line != line.strip() or not line:
        raise TemplateError(f"{where}: one line without spaces around it is expected")
    pieces = tuple(_PIECE.split(line))
    for slot in pieces[1::2]:
        if slot not in slots.SLOTS:
            raise TemplateError(f"{where}: unknown slot {{{slot}}}; known: {', '.join(slots.SLOTS)}")
    for before, slot, after in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
        if slot in slots.STANDING_ALONE and not (before[-1:] in {"", " "} and _AFTER.match(after)):
            raise TemplateError(
                f"{where}: slot {{{slot}}} has to stand alone, between spaces or before a full stop"
            )
    template = Template(template_id, language, pieces)
    sample = template.fill({slot: slots.SLOTS[slot][0] for slot in template.slots})
    wrong = guard.findings(sample)
    if wrong:
        raise TemplateError(f"{where}: the guard refuses it: {', '.join(wrong)}")
    return template


def load(folder: Path) -> dict[tuple[str, str], Template]:
    """Every template below `folder` by id and language, or `TemplateError` for the first that is wrong."""
    found: dict[tuple[str, str], Template] = {}
    for directory in sorted(folder.iterdir()):
        for language in LANGUAGES:
            path = directory / f"{language}.txt"
            if not path.is_file():
                raise TemplateError(f"{directory.name}/{language}: missing")
            found[directory.name, language] = parse(
                directory.name, language, path.read_text(encoding="utf-8")
            )
        extra = sorted(path.name for path in directory.iterdir() if path.stem not in LANGUAGES)
        if extra:
            raise TemplateError(f"{directory.name}: {extra[0]} is in no language we send")
        ours = [found[directory.name, language].slots for language in LANGUAGES]
        if any(sorted(each) != sorted(ours[0]) for each in ours):
            raise TemplateError(f"{directory.name}: the languages have different slots")
    return found


@cache
def packaged() -> Mapping[tuple[str, str], Template]:
    """The templates that come with the service."""
    return load(FOLDER)


def get(template_id: str, language: str) -> Template:
    """The template in `language`, or in Spanish where the language is not one of ours."""
    return packaged()[template_id, language if language in LANGUAGES else DEFAULT_LANGUAGE]


def render(template_id: str, language: str, values: Mapping[str, str]) -> str:
    """The final text, checked by the guard. `SlotError` or `UnsafeTextError` when it may not be sent."""
    return guard.ensure_safe(get(template_id, language).fill(values))
