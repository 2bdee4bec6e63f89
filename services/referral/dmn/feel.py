"""Cells as DMN writes them, where our tables have a word of their own."""

import re

WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\b(?:null|unknown)\b')


def from_feel(text: str) -> str:
    """A cell of DMN as our tables write it: `null` is `unknown`, and an empty cell holds everything."""
    return WORDS.sub(lambda word: "unknown" if word[0] == "null" else word[0], text.strip()) or "-"


def to_feel(text: str) -> str:
    """The way back: `unknown` is `null` in DMN. Codes in quotes stay as they are."""
    return WORDS.sub(lambda word: "null" if word[0] == "unknown" else word[0], text)
