"""The words of S-FEEL."""

import re
from dataclasses import dataclass

from services.referral.domain.decisions.errors import CellError

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3}(?!\w))?)
      | (?P<mark>\.\.|<=|>=|!=|[<>=,()\[\]@])
      | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
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
    """The text of a string literal; an escape that S-FEEL does not know stays as it is.

    Two escapes may be the halves of one character. Raises CellError for a half alone and for what is no character.
    """
    try:
        found = ESCAPED.sub(_escaped, text[1:-1])
        return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except ValueError as error:
        raise CellError("bad_character", found=text) from error


def _escaped(match: re.Match[str]) -> str:
    short, long, character = match.groups()
    code = short or long
    return chr(int(code, 16)) if code else ESCAPES.get(character, match.group())
