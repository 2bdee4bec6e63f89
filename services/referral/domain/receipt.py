"""The decision receipt: why a need went where it went, written once, as data.

It holds the inputs that were used (not all there were), the version of the tables and of the directory, the rows
that matched, the candidates with the parts of their scores, what excluded the others, and the tie-break. `measured` is
what no version keeps: how many referrals waited for an answer, how organizations had answered so far, and which help
was found missing for the same person just before. The same case, tables, directory and moment give the same bytes;
`receipt_text` renders it for three readers, `rederiving` derives it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referral.domain.filters import Wanted
from services.referral.domain.matching import WEIGHTS, Candidate, Match
from shared.clock import rfc3339

FORMAT = 2
FIRST, NEXT, AGAIN, UNANSWERED = "first", "next", "again", "unanswered"
"""On what occasion it was decided: the assessment, a provider that could not help, a gap that was looked at again, or
an assessment that the rules had no answer for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a decision stands on besides the match: the rules, their inputs and their answer for one route."""

    pathway: str
    pathway_version: str
    directory_version: int
    need_id: str
    need_code: str
    facts: Mapping[str, Any]
    assumed: tuple[str, ...]
    priority: int
    deadline_hours: float
    window_hours: int | None
    urgency_rows: tuple[str, ...]
    route: Mapping[str, Any]
    offers: tuple[str, ...] = ()
    predecessor_id: str | None = None
    occasion: str = FIRST
    missing: tuple[str, ...] = ()
    """Kinds of help that nobody could give this person: what waited for them waits no longer."""


def receipt(ground: Ground, wanted: Wanted, match: Match, *, now: datetime) -> dict[str, Any]:
    """The receipt of one referral or gap."""
    return {
        "format": FORMAT,
        "occasion": ground.occasion,
        "decided_at": rfc3339(now),
        "rules": {"pathway": ground.pathway, "version": ground.pathway_version},
        "directory_version": ground.directory_version,
        "need": {
            "id": ground.need_id,
            "code": ground.need_code,
            "facts": dict(ground.facts),
            "assumed": list(ground.assumed),
        },
        "priority": {
            "level": ground.priority,
            "deadline_hours": ground.deadline_hours,
            "window_hours": ground.window_hours,
            "rows": list(ground.urgency_rows),
        },
        "route": dict(ground.route),
        "offers": list(ground.offers),
        "asked": _asked(wanted),
        "weights": WEIGHTS,
        "candidates": [_candidate(one) for one in match.best],
        "eligible": match.eligible,
        "why_not": match.why_not,
        "excluded": match.excluded,
        "gap": match.gap_reason,
        "measured": {"waiting": match.waiting, "record": match.record, "missing": list(ground.missing)},
        "predecessor_id": ground.predecessor_id,
    }


def found_in(match: Match) -> dict[str, Any]:
    """The part of a receipt that matching gives."""
    return {
        "candidates": [_candidate(one) for one in match.best],
        "eligible": match.eligible,
        "why_not": match.why_not,
        "excluded": match.excluded,
        "gap": match.gap_reason,
    }


def canonical(body: Mapping[str, Any]) -> bytes:
    """The receipt as bytes that two machines agree on."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def rederived(body: Mapping[str, Any]) -> str | None:
    """The service that the receipt's own candidates and weights lead to: an auditor compares it with the chosen one."""
    weights = body["weights"]

    def order(one: Mapping[str, Any]) -> tuple[float, float, str, str]:
        score = round(sum(weights[name] * part for name, part in one["parts"].items()), 4)
        return (-score, one["kilometres"], one["tie"], one["service_id"])

    found = sorted(body["candidates"], key=order)
    return str(found[0]["service_id"]) if found else None


WANTED = tuple(Wanted.__dataclass_fields__)


def _asked(wanted: Wanted) -> dict[str, Any]:
    """What matching used. Withheld organizations are counted, not named: the receipt is read by more people."""
    asked: dict[str, Any] = {}
    for name in WANTED:
        value = getattr(wanted, name)
        if isinstance(value, frozenset):
            if value:
                asked[name] = sorted(value)
        elif value is not None:
            asked[name] = value
    asked["withheld"] = len(wanted.withheld)
    asked["tried"] = sorted(wanted.tried)
    return asked


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "service_id": one.service.id,
        "organization_id": one.service.organization_id,
        "name": one.service.name,
        "ring": one.ring,
        "kilometres": one.kilometres,
        "parts": dict(one.parts),
        "score": one.score,
        "tie": one.tie,
        "warnings": list(one.warnings),
    }
