"""Past cases as bands and codes, for replays. Nobody's identity, and nobody who withdrew the permission to share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under what a case was first decided: when, by which version of the directory, how many referrals waited for a
    service's answer, and how organizations had answered until then (as far as the decision hung on it)."""

    decided_at: datetime
    directory_version: int
    waiting: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastCase:
    """What an assessment said, and under what it was decided; None where no receipt tells."""

    facts: Mapping[str, Any]
    circumstances: Circumstances | None


def latest_cases(conn: Connection, *, limit: int) -> list[PastCase]:
    """The newest assessments, at most `limit`."""
    cases = conn.execute(CASES, {"limit": limit}).all()
    ids = [row.assessment_id for row in cases]
    receipts: dict[Any, list[Row[Any]]] = {}
    for row in conn.execute(RECEIPTS, {"ids": ids}):
        receipts.setdefault(row.assessment_id, []).append(row)
    return [PastCase(dict(row.facts), _circumstances(receipts.get(row.assessment_id, ()))) for row in cases]


def _circumstances(receipts: Sequence[Row[Any]]) -> Circumstances | None:
    """From the receipts of one case, oldest first: those of the first moment are the first decision. What the case
    itself had asked of a service by then is taken off what waited for it."""
    if not receipts:
        return None
    first = receipts[0]
    asked: dict[str, int] = {}
    waiting: dict[str, int] = {}
    record: dict[str, float] = {}
    for one in receipts:
        if one.decided_at != first.decided_at:
            break
        for service, count in (one.waiting or {}).items():
            waiting[service] = count - asked.get(service, 0)
        record |= one.record or {}
        if one.chosen:
            asked[one.chosen] = asked.get(one.chosen, 0) + 1
    return Circumstances(
        datetime.fromisoformat(first.decided_at), int(first.directory_version), waiting, record
    )


CASES = text(
    """
    SELECT assessment_id, facts FROM referral.person_case WHERE withdrawn_at IS NULL
    ORDER BY assessment_id DESC LIMIT :limit
    """
)
RECEIPTS = text(
    """
    SELECT d.assessment_id, b.body ->> 'decided_at' AS decided_at, b.body ->> 'directory_version' AS directory_version,
        b.body #> '{measured,waiting}' AS waiting, b.body #> '{measured,record}' AS record,
        b.body #>> '{candidates,0,service_id}' AS chosen
    FROM (
        SELECT id, assessment_id FROM referral.referral
        WHERE assessment_id = ANY(:ids) AND predecessor_id IS NULL
        UNION ALL
        SELECT id, assessment_id FROM referral.gap WHERE assessment_id = ANY(:ids) AND referral_id IS NULL
    ) d JOIN referral.receipt b ON b.id = d.id
    ORDER BY d.assessment_id, b.created_at, b.id
    """
)
