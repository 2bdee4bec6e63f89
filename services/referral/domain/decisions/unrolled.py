"""The innermost loop of the evaluator, written out for one table's columns.

The loop over a handful of inputs costs more than the look-ups in it, so it is unrolled into one function, the way
`dataclasses` and `namedtuple` write theirs. The source holds only positions; names and look-ups come in as values.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.referral.domain.decisions.masks import ColumnMasks
from services.referral.domain.decisions.values import Type

Matcher = Callable[[Mapping[str, Any]], int]

KEYED = "rows &= masks{0}[get(name{0})]"
FLAG = """value = get(name{0})
        if value is True:
            rows &= yes{0}
        elif value is False:
            rows &= no{0}
        else:
            rows &= unknown{0} if value is None else of{0}(value)"""
LIST = """value = get(name{0})
        rows &= masks{0}[tuple(value) if value.__class__ is list else value]"""
CAREFUL = "rows &= of{0}(get(name{0}))"
FUNCTION = """\
def found(case):
    get = case.get
    rows = everything
    try:
        {lines}
    except TypeError:
        return slowly(case)
    return rows
"""


def unrolled(columns: Sequence[ColumnMasks], everything: int, slowly: Matcher) -> Matcher:
    """A function from a case to the AND of all columns' look-ups; `slowly` answers when a value cannot be a key."""
    scope: dict[str, Any] = {"everything": everything, "slowly": slowly}
    lines = []
    for index, masks in enumerate(columns):
        line = _line(masks)
        lines.append(line.format(index))
        scope |= {f"name{index}": masks.column.name, f"masks{index}": masks, f"of{index}": masks.of}
        if line is FLAG:
            scope |= {
                f"yes{index}": masks[True],
                f"no{index}": masks[False],
                f"unknown{index}": _unknown(masks),
            }
    exec(FUNCTION.format(lines="\n        ".join(lines) or "pass"), scope)  # noqa: S102 - positions only
    found: Matcher = scope["found"]
    return found


def _line(masks: ColumnMasks) -> str:
    if masks.column.type is Type.STRINGS:
        return LIST
    if masks.column.type is not Type.BOOLEAN:
        return KEYED
    return CAREFUL if len(masks.column.values) == 1 else FLAG


def _unknown(masks: ColumnMasks) -> int | None:
    """The rows for an unknown flag; for a required one nothing that can be ANDed, so that `slowly` refuses it."""
    return None if masks.column.required else masks.of(None)
