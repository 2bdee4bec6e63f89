"""What can be wrong with a table (found when it is loaded) or with a case (found when it is decided)."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.referral.domain.decisions.messages import Language, text


@dataclass(frozen=True)
class Problem:
    """One mistake in a table file. `row` counts as a spreadsheet does (the header is row 1)."""

    code: str
    file: str = ""
    row: int = 0
    column: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    suggestion: str = ""

    def message(self, language: Language = "es") -> str:
        said = text(self.code, language, **self.values)
        if not self.suggestion:
            return said
        return f"{said}; {text('did_you_mean', language, suggestion=self.suggestion)}"

    def line(self, language: Language = "es") -> str:
        """`file:row:column: message`, as compilers write it."""
        place = ":".join(str(part) for part in (self.file, self.row or "", self.column) if part != "")
        return f"{place}: {self.message(language)}" if place else self.message(language)

    def at(self, *, file: str, row: int = 0, column: str = "") -> "Problem":
        return replace(self, file=file, row=row or self.row, column=column or self.column)


class TableErrors(ValueError):
    """A table file that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.line() for problem in self.problems))


class CellError(ValueError):
    """One cell, literal or header that cannot be read; its reader adds the place."""

    def __init__(self, code: str, *, suggestion: str = "", **values: object) -> None:
        self.problem = Problem(code, values=values, suggestion=suggestion)
        super().__init__(self.problem.message())


class DecisionError(ValueError):
    """A case that a table cannot decide: `code` is stable, `column` names the input when one is to blame."""

    def __init__(self, code: str, *, suggestion: str = "", **values: object) -> None:
        self.code = code
        self.column = str(values.get("column", ""))
        self.problem = Problem(code, values=values, suggestion=suggestion)
        super().__init__(self.problem.message())

    def message(self, language: Language = "es") -> str:
        return self.problem.message(language)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The known word closest to a wrong one, or nothing when none is close."""
    by_fold = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(wrong.casefold(), list(by_fold), n=1, cutoff=0.5)
    return by_fold[close[0]] if close else ""
