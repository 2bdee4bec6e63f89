"""The words that may never reach a phone, and an automaton that finds them however they are dressed up.

Text is folded before it is compared: case, accents, letters of other alphabets that look Latin, digits used
as letters (`v10l3nc1a`), anything put between the letters (`v-i-o-l-a`) and repeated letters (`viiola`) make
no difference. Stems catch inflections. Word boundaries do not count, because spacing is the oldest trick;
the price is a false alarm now and then, and a false alarm is only a phone call by a human.

The automaton (Aho-Corasick) is used twice: at run time on the final text, and in `proof.py` on every
expansion of a template at once. One mechanism, so that what is proved is what runs.
"""

import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).resolve().parent.parent / "lexicon.csv"

_LOOK_ALIKES: Final = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "i",
    "¡": "i", "|": "i", "€": "e", "£": "l", "l": "i", "ı": "i", "ł": "i", "ø": "o", "đ": "d", "ß": "s", "µ": "u",
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "н": "h", "і": "i", "ї": "i", "ј": "j", "к": "k",
    "м": "m", "о": "o", "р": "p", "ѕ": "s", "т": "t", "у": "y", "х": "x", "г": "r", "и": "u", "п": "n", "ӏ": "i",
    "ⅼ": "i",
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "τ": "t",
    "υ": "u", "χ": "x", "γ": "y", "ω": "w", "μ": "u", "δ": "d", "λ": "a", "ɑ": "a", "ɡ": "g", "ѵ": "v", "ʋ": "v",
}  # fmt: skip
_LETTERS: Final = frozenset("abcdefghijkmnopqrstuvwxyz")  # no l: it is folded to i
_DATE_OR_TIME: Final = re.compile(r"(?<!\S)\d\d[/:]\d\d(?=[.,;]?(?:\s|$))")
ROOT: Final = 0
SHORTEST: Final = 3  # letters of a folded stem


def fold_char(char: str) -> str:
    """The folded letters of one character; an empty string for whatever is no letter."""
    out = []
    for piece in unicodedata.normalize("NFKD", char).casefold():
        for base in unicodedata.normalize("NFKD", piece):
            letter = _LOOK_ALIKES.get(base, base)
            letter = _LOOK_ALIKES.get(letter, letter)
            if letter in _LETTERS:
                out.append(letter)
    return "".join(out)


class _Folding(dict[int, str | None]):
    """Code point -> folded letters, None for no letter: what `str.translate` is fastest with. Fills as it goes."""

    def __init__(self, *, digits: bool) -> None:
        super().__init__()
        self._digits = digits

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        folded = fold_char(char) if self._digits or not char.isdigit() else ""
        self[code] = folded or None
        return self[code]


_SPELT: Final = _Folding(digits=True)
_WITHOUT_DIGITS: Final = _Folding(digits=False)
_REPEATED: Final = re.compile(r"(.)\1+")


def fold(text: str) -> str:
    """`text` as the automaton sees it: folded letters only, repeats taken out."""
    return _REPEATED.sub(r"\1", text.translate(_SPELT))


def readings(text: str) -> tuple[str, str]:
    """The letters of `text`, read twice: digits as letters, and digits as noise put between letters.

    A date or time that stands alone (`04/05`, `10:30.`) is what it seems to be, and is no letters.
    """
    return _DATE_OR_TIME.sub("", text).translate(_SPELT), text.translate(_WITHOUT_DIGITS)


class Lexicon:
    """Stems compiled to an automaton. A position is `(state, last letter)`; it starts at `START`."""

    START: Final = (ROOT, "")

    def __init__(self, stems: Iterable[str]) -> None:
        self.stems = {fold(stem): stem for stem in stems}
        short = [stem for folded, stem in self.stems.items() if len(folded) < SHORTEST]
        if short:
            raise ValueError(f"a stem of the lexicon is too short to mean anything: {short[0]!r}")
        self._next: list[dict[str, int]] = [{}]
        self._found: list[str | None] = [None]
        for folded, stem in self.stems.items():
            self._insert(folded, stem)
        self._close()

    def _insert(self, folded: str, stem: str) -> None:
        state = ROOT
        for letter in folded:
            if letter not in self._next[state]:
                self._next.append({})
                self._found.append(None)
                self._next[state][letter] = len(self._next) - 1
            state = self._next[state][letter]
        self._found[state] = stem

    def _close(self) -> None:
        """Turn the trie into a complete automaton, breadth first."""
        fail = [ROOT] * len(self._next)
        queue = deque(self._next[ROOT].values())
        self._next[ROOT] = {letter: self._next[ROOT].get(letter, ROOT) for letter in _LETTERS}
        while queue:
            state = queue.popleft()
            fallback = self._next[fail[state]]
            self._found[state] = self._found[state] or self._found[fail[state]]
            for letter, child in self._next[state].items():
                fail[child] = fallback[letter]
                queue.append(child)
            self._next[state] = {**fallback, **self._next[state]}

    def advance(self, position: tuple[int, str], letters: str) -> tuple[tuple[int, str], str | None]:
        """Go on from `position` with letters of a reading; the new position and the first forbidden stem met, if any.
        A repeated letter is one."""
        state, last = position
        following, found = self._next, self._found
        for letter in letters:
            if letter != last:
                state = following[state][letter]
                last = letter
                if found[state]:
                    break
        return (state, last), found[state]

    def find(self, text: str) -> str | None:
        """The first forbidden stem in any reading of `text`."""
        spelt, without_digits = readings(text)
        stem = self.advance(self.START, spelt)[1]
        if stem is None and without_digits != spelt:
            stem = self.advance(self.START, without_digits)[1]
        return stem


@cache
def load(path: Path = FILE) -> Lexicon:
    """The lexicon on disk; columns `stem,language,examples,review`. Raises `ValueError` on an empty one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    if not rows:
        raise ValueError(f"{path.name}: no rows")
    return Lexicon(row["stem"] for row in rows)
