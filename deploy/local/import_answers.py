"""What whoever imports assessments of a file is told, whichever way they go in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.intake.schemas.files import Line


@dataclass(frozen=True)
class Answered:
    """What became of one line, whichever way it went: status 201, 200 or a refusal with its errors."""

    number: int
    id: str | None
    status: int
    errors: list[dict[str, str]]


Send = Callable[[Iterable[Line]], Iterator[list[Answered]]]
