"""Cases as lines of JSON in, answers as lines of JSON out. Numbers stay the decimals they are."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.referral.dmn.answers import Decide
from services.referral.domain.decisions import DecisionError
from services.referral.domain.decisions.messages import Language, text
from services.referral.domain.decisions.values import plain_number

LONGEST_SHOWN = 80
"""How much of a key an answer repeats."""


class NotACaseError(ValueError):
    """A line that is no JSON object of which each key stands once; `code` says what is wrong."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def message(self, language: Language) -> str:
        return text(self.code, language, **self.values)


def answers(lines: Iterable[bytes], decide: Decide, language: Language = "es") -> Iterator[str]:
    """One line of JSON for every line that is not empty: `{"result": …}` or `{"error": {"code", "message"}}`."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield written({"result": decide(read_case(line))})
        except (DecisionError, NotACaseError) as error:
            yield written({"error": {"code": error.code, "message": error.message(language)}})


def read_case(line: bytes) -> Mapping[str, Any]:
    """A JSON object with its numbers as exact decimals. Raises NotACaseError.

    A byte order mark, as editors on Windows put before the first line, is passed over. Half of a character
    (`\\ud800` alone) is no text: nothing that names it could be written out again.
    """
    try:
        text_of_line = line.decode("utf-8-sig")
        case = json.loads(
            text_of_line,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_each_key_once,
        )
        if "\\u" in text_of_line:
            written(case).encode()
    except NotACaseError:
        raise
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise NotACaseError("bad_json") from error
    if not isinstance(case, dict):
        raise NotACaseError("not_a_case")
    return case


def _each_key_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object as it was written. Of a key that stands twice nobody knows which value was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        shown = twice[:LONGEST_SHOWN].encode("utf-8", "replace").decode()
        raise NotACaseError("duplicate_key", found=shown)
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


def written(value: Any) -> str:
    """A value as JSON: decimals digit by digit, dates as ISO text."""
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{written(str(key))}: {written(member)}" for key, member in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date):
        value = value.isoformat()
    return json.dumps(value, ensure_ascii=False)
