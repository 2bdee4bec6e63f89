"""Proof that no expansion of a template can be refused by the guard, over all slot values at once.

The guard looks at four things. Words: the automaton of the lexicon is walked with *sets* of positions, every
value of a slot from every position, so all combinations are covered without writing them out. Alphabet: by
character. Length: by the longest value of each slot. Links, numbers and placeholders: their patterns span at
most a slot and its neighbours, so every value is tried between its fixed texts, pairs of slots that stand close
together in both orders of their extremes.
"""

from dataclasses import dataclass
from typing import Final

from services.notifications.domain import gsm7, guard, lexicon, slots
from services.notifications.domain.templates import Template

Position = tuple[int, str]


@dataclass(frozen=True)
class Problem:
    """One way to be refused. `slot` is empty when the fixed text is to blame; `stem` says which word it holds."""

    template: str
    language: str
    finding: guard.Finding
    slot: str = ""
    stem: str = ""


_SHAPES: Final = (
    (guard.LINK, guard.Finding.LINK),
    (guard.NUMBER, guard.Finding.NUMBER),
    (guard.PLACEHOLDER, guard.Finding.PLACEHOLDER),
)


def problems(template: Template, *, words: lexicon.Lexicon | None = None, segments: int = 1) -> list[Problem]:
    """Every problem of every expansion of `template`; an empty list is the proof."""
    words = words or lexicon.load()
    found = (
        _words(template, words, 0) | _words(template, words, 1) | _shapes(template) | _characters(template)
    )
    longest = [
        max(slots.SLOTS[piece], key=gsm7.septets) if odd % 2 else piece
        for odd, piece in enumerate(template.pieces)
    ]
    if gsm7.segments("".join(longest)) > segments:
        found.add(Problem(template.id, template.language, guard.Finding.LENGTH))
    return sorted(found, key=lambda problem: (problem.finding, problem.slot))


def _words(template: Template, words: lexicon.Lexicon, reading: int) -> set[Problem]:
    positions: set[Position] = {words.START}
    found = set()
    for odd, piece in enumerate(template.pieces):
        slot = piece if odd % 2 else ""
        values = slots.SLOTS[piece] if slot else (piece,)
        reached: set[Position] = set()
        for value in {lexicon.readings(value)[reading] for value in values}:
            for start in positions:
                position, stem = words.advance(start, value)
                if stem:
                    found.add(Problem(template.id, template.language, guard.Finding.WORD, slot, stem))
                else:
                    reached.add(position)
        positions = reached
    return found


def _characters(template: Template) -> set[Problem]:
    found = set()
    for odd, piece in enumerate(template.pieces):
        text = "".join(slots.SLOTS[piece]) if odd % 2 else piece
        if gsm7.outside(text) or guard.CONTROL.search(text):
            found.add(
                Problem(template.id, template.language, guard.Finding.ALPHABET, piece if odd % 2 else "")
            )
    return found


def _shapes(template: Template) -> set[Problem]:
    found = set()
    extremes = {name: (values[0], values[-1]) for name, values in slots.SLOTS.items()}
    for which, slot in enumerate(template.slots):
        for end in (0, 1):
            parts = [extremes[piece][end] if odd % 2 else piece for odd, piece in enumerate(template.pieces)]
            for value in slots.SLOTS[slot]:
                parts[which * 2 + 1] = value
                around = "".join(parts)
                found |= {
                    Problem(template.id, template.language, why, slot)
                    for shape, why in _SHAPES
                    if shape.search(around)
                }
    if not template.slots:
        found |= {
            Problem(template.id, template.language, why)
            for shape, why in _SHAPES
            if shape.search("".join(template.pieces))
        }
    return found
