"""What `ruta` says on the terminal: Spanish first, English where the person's locale asks for it."""

from __future__ import annotations

import os

from rich.console import Console

WIDE = 140  # columns, where nobody's window says how many there are
console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console.width = WIDE
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def in_english() -> bool:
    """Whether the locale (LC_ALL, LC_MESSAGES, LANG) is an English one. `C` and none at all are Spanish."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value.lower().startswith("en")
    return False


def either(spanish: str, english: str) -> str:
    """The sentence in the person's language."""
    return english if in_english() else spanish


def say(spanish: str, english: str) -> None:
    console.print(either(spanish, english))
