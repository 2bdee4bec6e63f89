"""How closely a need is kept: the class of the published code list.

S3, restricted: gender-based violence, child protection, trafficking, HIV and tuberculosis, exploitation by aid staff.
S2, sensitive: health, mental health, status and protection. S1: the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from shared import codes

RESTRICTED = "S3"

NEVER_MESSAGED_DOMAIN = "TIP"
NEVER_MESSAGED_CODES = frozenset({"CP.SEXAB"})


@cache
def _classes() -> dict[str, str]:
    return {code.code: code.fact("sensitivity") for code in codes.load("needs").values()}


def of_need(code: str) -> str:
    """The class of the need `code`: `S1`, `S2` or `S3`; a code that is not in the list is kept closest."""
    return _classes().get(code, RESTRICTED)


def is_restricted(code: str) -> bool:
    """Whether only the author of the case, the organization that receives it and a supervisor may see it."""
    return of_need(code) == RESTRICTED


def highest(needs: Iterable[str]) -> str:
    """The closest class among the needs; `S1` for none."""
    return max((of_need(code) for code in needs), default="S1")


def never_messaged(code: str) -> bool:
    """Whether no automated message may ever follow from the need: trafficking and sexual abuse of a child
    (message rule 5)."""
    return code.startswith(NEVER_MESSAGED_DOMAIN + ".") or code in NEVER_MESSAGED_CODES
