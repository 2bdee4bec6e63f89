"""Whether the tables of a pathway fit together: what one table says of another's rows exists, and all can decide."""

from __future__ import annotations

from collections.abc import Iterator

from services.referral.domain.decisions import DecisionError, Problem, TableErrors
from services.referral.domain.decisions.cells import mentioned
from services.referral.domain.decisions.errors import nearest
from services.referral.domain.decisions.values import literal
from services.referral.domain.pathway_tables import Pathway

PARTS = {
    "urgencies": "priority",
    "steps": "routing",
    "cautious": "unknowns",
    "floors": "floors",
    "raised": "modifiers",
    "clocks": "clocks",
    "consents": "consent_policy",
    "at_once": "limits",
}
"""What deciding takes out of each table, whatever the case."""


def check_whole(pathway: Pathway) -> None:
    """Raises TableErrors with everything for which these tables could not decide although each can be read."""
    problems = [*_unknown_rows(pathway), *_undecidable(pathway)]
    if problems:
        raise TableErrors(problems)


def _unknown_rows(pathway: Pathway) -> Iterator[Problem]:
    known = pathway.tables["priority"].positions
    for number, row in enumerate(pathway.tables["floors"].rows, 2):
        for named in sorted(mentioned(row.cells) - known.keys()):
            close = nearest(named, known)
            yield Problem(
                "unknown_row",
                "floors.csv",
                number,
                "rule",
                {"table": "priority", "found": named},
                literal(close) if close else "",
            )


def _undecidable(pathway: Pathway) -> Iterator[Problem]:
    for part, table in PARTS.items():
        try:
            getattr(pathway, part)
        except (DecisionError, LookupError, TypeError, ValueError) as error:
            yield Problem("tables_do_not_fit", f"{table}.csv", 1, values={"found": error})
