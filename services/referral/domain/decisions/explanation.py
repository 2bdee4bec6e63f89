"""Why a table answered as it did."""

from typing import Any, NamedTuple

from services.referral.domain.decisions.outcomes import Result


class FailedCell(NamedTuple):
    """The first cell of a row that a case fails."""

    column: str
    text: str
    value: Any


class Explanation(NamedTuple):
    """A decision with its reasons.

    `matched`: ids of all rows that match, in the order of the table. `deciding`: those behind the answer, in the
    answer's order (for R, O and C one id per entry of `result`; empty when the defaults answered).
    `inputs_used`: every input of the table as it was read, None where it stayed unknown. `assumed`: names of the
    inputs that were unknown and counted as the cautious value of their column.
    """

    result: Result
    matched: tuple[str, ...]
    deciding: tuple[str, ...]
    inputs_used: dict[str, Any]
    assumed: tuple[str, ...]
