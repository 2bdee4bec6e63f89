"""S-FEEL: the small language of the cells (DMN 1.5, chapters 7 and 9).

Input cells hold unary tests: `-`, `"a", "b"`, `< 18`, `[18..59]`, `(0..1)`, `not("EC")`, `true`,
`date("2026-01-31")`, `unknown`. Output cells hold one literal. Reading is strict: what is not understood whole
is a CellError, never a cell that matches nothing.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from services.referral.domain.decisions.cells import ANYTHING, Cell
from services.referral.domain.decisions.errors import CellError
from services.referral.domain.decisions.hints import bare, hint, is_of
from services.referral.domain.decisions.lexer import Token, tokens, unquote
from services.referral.domain.decisions.values import UNKNOWN, Range, Type, Value

UNKNOWN_WORDS = frozenset({UNKNOWN, "null"})


class Reader:
    """Reads one cell of one type from left to right."""

    def __init__(self, text: str, kind: Type) -> None:
        self.text = text
        self.kind = kind
        self.rest = tokens(text)[::-1]
        self.values: set[Any] = set()
        self.ranges: list[Range] = []
        self.unknown = False

    # tokens

    def peek(self, ahead: int = 0) -> str:
        return self.rest[-1 - ahead].text if len(self.rest) > ahead else ""

    def take(self) -> Token:
        if not self.rest:
            raise CellError("bad_syntax", text=self.text, found="…")
        return self.rest.pop()

    def expect(self, mark: str) -> None:
        token = self.take()
        if token.text != mark:
            raise CellError("bad_syntax", text=self.text, found=token.text)

    def finish(self) -> None:
        if self.rest:
            raise CellError("bad_syntax", text=self.text, found=self.peek())

    # unary tests

    def cell(self) -> Cell:
        negated = self.peek() == "not" and self.peek(1) == "("
        if negated:
            self.take()
            self.take()
        self._test_list(")" if negated else "")
        if negated:
            self.expect(")")
        self.finish()
        return Cell(
            self.text.strip(),
            negated=negated,
            unknown=self.unknown,
            values=frozenset(self.values),
            ranges=tuple(self.ranges),
        )

    def _test_list(self, closing: str) -> None:
        self._test()
        while self.peek() == ",":
            self.take()
            self._test()
        if self.peek() != closing:
            raise CellError("bad_syntax", text=self.text, found=self.peek() or "…")

    def _test(self) -> None:
        opening = self.peek()
        if opening in ("<", "<=", ">", ">="):
            self._comparison(self.take().text)
        elif opening == "=":
            self.take()
            self._equal()
        elif opening in ("[", "(", "]"):
            self._bracket()
        else:
            self._equal()

    def _equal(self) -> None:
        if self.peek() in UNKNOWN_WORDS:
            self.take()
            self.unknown = True
            return
        value = self.value()
        if value == UNKNOWN:
            self.unknown = True
        elif self.kind.ordered:
            self.ranges.append(Range.point(value))
        else:
            self.values.add(value)

    def _comparison(self, sign: str) -> None:
        self._need_order()
        end = self.value()
        if sign.startswith("<"):
            self.ranges.append(Range(None, end, high_open=sign == "<"))
        else:
            self.ranges.append(Range(end, None, low_open=sign == ">"))

    def _bracket(self) -> None:
        opening = self.take().text
        if opening == "[" and not self._is_range():
            self._list()
            return
        self._need_order()
        start = len(self.rest)
        low = self.value()
        self.expect("..")
        high = self.value()
        closing = self.take().text
        if closing not in ("]", ")", "["):
            raise CellError("bad_syntax", text=self.text, found=closing)
        span = Range(low, high, low_open=opening != "[", high_open=closing != "]")
        if low > high or (low == high and (span.low_open or span.high_open)):
            words = "".join(token.text for token in self.rest[start:])
            raise CellError("empty_range", found=words or self.text.strip())
        self.ranges.append(span)

    def _is_range(self) -> bool:
        for token in reversed(self.rest):
            if token.text in ("..", ",", "]"):
                return token.text == ".."
        return False

    def _list(self) -> None:
        self._equal()
        while self.peek() == ",":
            self.take()
            self._equal()
        self.expect("]")

    def _need_order(self) -> None:
        if not self.kind.ordered:
            raise CellError("no_order", type=self.kind.value)

    # literals

    def value(self) -> Any:
        """One literal of the column's type (of a list column: one member)."""
        token = self.take()
        found = self._literal(token)
        if not is_of(found, self.kind):
            better = hint(found, self.kind)
            raise CellError("wrong_literal", type=self.kind.value, found=token.text, suggestion=better)
        return found

    def _literal(self, token: Token) -> Any:
        if token.kind == "string":
            return unquote(token.text)
        if token.kind == "number":
            return Decimal(token.text)
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "@":
            return self._date()
        if token.text == "date" and self.peek() == "(":
            self.take()
            found = self._date()
            self.expect(")")
            return found
        if token.kind == "word":
            better = bare(self.text, self.kind)
            if self.kind in (Type.STRING, Type.STRINGS):
                raise CellError("bare_word", found=token.text, suggestion=better)
            raise CellError("wrong_literal", type=self.kind.value, found=token.text, suggestion=better)
        raise CellError("bad_syntax", text=self.text, found=token.text)

    def _date(self) -> date:
        token = self.take()
        try:
            if token.kind == "string" and len(token.text) == len('"2000-01-01"'):
                return date.fromisoformat(unquote(token.text))
        except ValueError:
            pass
        raise CellError("bad_date", found=token.text)


def read_tests(text: str, kind: Type) -> Cell:
    """An input cell. Raises CellError when it is empty, not S-FEEL, or not of the column's type."""
    stripped = text.strip()
    if not stripped:
        raise CellError("empty_cell", suggestion="-")
    if stripped in ("-", "−", "–", "—"):
        return ANYTHING
    return _readable(stripped, kind, Reader.cell)


def read_literal(text: str, kind: Type) -> Value:
    """An output cell: one literal of the column's type, or `null`. A list is `["a", "b"]` or `"a", "b"`."""
    stripped = text.strip()
    if not stripped:
        raise CellError("empty_cell", suggestion="null")
    if stripped == "null":
        return None
    if stripped == UNKNOWN:
        raise CellError("unknown_output", suggestion="null")
    return _readable(stripped, kind, _list_literal if kind is Type.STRINGS else _one_literal)


def _readable(text: str, kind: Type, read: Callable[[Reader], Any]) -> Any:
    try:
        return read(Reader(text, kind))
    except CellError as error:
        if kind is Type.STRING and not re.search(r'["“”«»(\[<>=]', text):
            raise CellError("bare_word", found=text, suggestion=bare(text, kind)) from error
        raise


def _one_literal(reader: Reader) -> Value:
    found: Value = reader.value()
    reader.finish()
    return found


def _list_literal(reader: Reader) -> Value:
    bracketed = reader.peek() == "["
    if bracketed:
        reader.take()
        if reader.peek() == "]":
            reader.take()
            reader.finish()
            return ()
    members = [reader.value()]
    while reader.peek() == ",":
        reader.take()
        members.append(reader.value())
    if bracketed:
        reader.expect("]")
    reader.finish()
    return tuple(members)


def points(ranges: Iterable[Range]) -> list[Any]:
    """Every end that the ranges mention."""
    return [end for span in ranges for end in (span.low, span.high) if end is not None]
