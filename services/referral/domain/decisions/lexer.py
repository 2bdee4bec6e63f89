"""The words of S-FEEL."""

import re
from dataclasses import dataclass

from services.referral.domain.decisions.errors import CellError

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?(?:\d+(?:\.\d+)?|\.\d+))
      | (?P<mark>\.\.|<=|>=|!=|[<>=,()\[\]@])
      | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "/": "/", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The words of a cell. Raises CellError at the first thing that is not one."""
    found: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, text[position:].strip())
        found.append(Token(str(match.lastgroup), match.group().strip()))
        position = match.end()
    return found


def _unreadable(text: str, rest: str) -> CellError:
    if rest.startswith('"'):
        return CellError("unclosed_string", text=text, suggestion=f'{text.strip()}"')
    if rest[0] in "“”«»„‟'’‘":
        return CellError("bad_syntax", text=text, found=rest[0], suggestion=re.sub("[“”«»„‟'’‘]", '"', text))
    return CellError("bad_syntax", text=text, found=rest)


def unquote(text: str) -> str:
    """The text of a string literal; an escape that S-FEEL does not know stays as it is."""
    return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.))", _escaped, text[1:-1], flags=re.DOTALL)


def _escaped(match: re.Match[str]) -> str:
    code, character = match.groups()
    return chr(int(code, 16)) if code else ESCAPES.get(character, match.group())
