"""Read cases and what became of their needs. A page of cases costs a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, tuple_

from services.intake.domain.journey import NeedRecord, Referral
from services.intake.tables import (
    assessment,
    call,
    consent,
    need,
    need_gap,
    need_message,
    need_referral,
    outcome,
)
from services.intake.tables import person as person_table


@dataclass(frozen=True, slots=True)
class Case:
    """An assessment without anything that identifies the person."""

    id: str
    person_id: str
    organization_id: str
    focal_point_id: str
    country: str
    locality: str
    assessed_at: datetime
    received_at: datetime
    household_size: int | None
    restricted_only: bool
    age_band: str
    gender: str
    languages: list[str]
    share: bool
    given_by: str
    assent: bool
    contact: bool
    statistics: bool
    authorities: bool
    withheld_from: list[str]
    obtained_at: datetime
    override_basis: str | None
    override_author: str | None
    override_approver: str | None
    share_withdrawn_at: datetime | None
    contact_withdrawn_at: datetime | None

    @property
    def shared(self) -> bool:
        """Whether sharing is covered now, by consent or by an override."""
        return (self.share or self.override_basis is not None) and self.share_withdrawn_at is None


CASE = select(
    assessment.c.id,
    assessment.c.person_id,
    assessment.c.organization_id,
    assessment.c.focal_point_id,
    assessment.c.country,
    assessment.c.locality,
    assessment.c.assessed_at,
    assessment.c.received_at,
    assessment.c.household_size,
    assessment.c.restricted_only,
    person_table.c.age_band,
    person_table.c.gender,
    person_table.c.languages,
    *[column for column in consent.c if column.name != "assessment_id"],
).select_from(
    assessment.join(person_table, person_table.c.id == assessment.c.person_id).join(
        consent, consent.c.assessment_id == assessment.c.id
    )
)


@dataclass(frozen=True, slots=True)
class Page:
    """Which cases: of one organization, or (None) of all but those with restricted needs only; newest first, behind
    the key `after` = (received_at, id)."""

    organization_id: str | None
    limit: int
    after: tuple[str, str] | None = None


def find(conn: Connection, case_id: str) -> Case | None:
    """One case."""
    row = conn.execute(CASE.where(assessment.c.id == case_id)).mappings().one_or_none()
    return None if row is None else Case(**row)


def find_several(conn: Connection, ids: Sequence[str]) -> dict[str, Case]:
    """Several cases by id."""
    rows = conn.execute(CASE.where(assessment.c.id.in_(list(ids)))).mappings()
    return {row["id"]: Case(**row) for row in rows}


def page(conn: Connection, wanted: Page) -> list[Case]:
    """Up to `limit + 1` cases, so that the caller knows if others follow."""
    query = CASE
    if wanted.organization_id is not None:
        query = query.where(assessment.c.organization_id == wanted.organization_id)
    else:
        query = query.where(~assessment.c.restricted_only)
    if wanted.after is not None:
        here = tuple_(assessment.c.received_at, assessment.c.id)
        there = tuple_(*wanted.after, types=[assessment.c.received_at.type, assessment.c.id.type])
        query = query.where(here < there)
    query = query.order_by(assessment.c.received_at.desc(), assessment.c.id.desc()).limit(wanted.limit + 1)
    return [Case(**row) for row in conn.execute(query).mappings()]


def needs_of(conn: Connection, cases: Sequence[Case]) -> dict[str, list[NeedRecord]]:
    """The needs of each case, in the order in which they were written down."""
    by_id = {case.id: case for case in cases}
    rows = conn.execute(
        select(need.c.id, need.c.assessment_id, need.c.code, need.c.restricted, need.c.refer)
        .where(need.c.assessment_id.in_(list(by_id)))
        .order_by(need.c.assessment_id, need.c.position)
    )
    found: dict[str, list[NeedRecord]] = defaultdict(list)
    for row in rows:
        case = by_id[row.assessment_id]
        withdrawn = case.share_withdrawn_at is not None and row.refer
        found[case.id].append(NeedRecord(row.id, row.code, row.restricted, row.refer, case.shared, withdrawn))
    return found


def referrals_of(conn: Connection, case_ids: Sequence[str]) -> dict[str, list[Referral]]:
    """The referrals of each need, oldest first."""
    names = list(Referral.__slots__)
    rows = conn.execute(
        select(*[need_referral.c[name] for name in names])
        .where(need_referral.c.assessment_id.in_(list(case_ids)))
        .order_by(need_referral.c.created_at, need_referral.c.referral_id)
    ).mappings()
    found: dict[str, list[Referral]] = defaultdict(list)
    for row in rows:
        found[row["need_id"]].append(Referral(**row))
    return found


def gaps_of(conn: Connection, case_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The gaps of each need."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _of_cases(conn, need_gap, case_ids, need_gap.c.recorded_at):
        found[row["need_id"]].append(row)
    return found


def messages_of(conn: Connection, case_id: str) -> list[dict[str, Any]]:
    """The messages about a case, oldest first."""
    return _of_cases(conn, need_message, [case_id], need_message.c.created_at)


def calls_of(conn: Connection, case_id: str) -> list[dict[str, Any]]:
    """The calls about a case, most urgent first."""
    return _of_cases(conn, call, [case_id], call.c.due_at)


def outcomes_of(conn: Connection, case_id: str) -> list[dict[str, Any]]:
    """What was reported about a case, oldest first."""
    return _of_cases(conn, outcome, [case_id], outcome.c.reported_at)


def _of_cases(conn: Connection, table: Table, case_ids: Sequence[str], order: Any) -> list[dict[str, Any]]:
    query = select(table).where(table.c.assessment_id.in_(list(case_ids))).order_by(order)
    return [dict(row) for row in conn.execute(query).mappings()]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in somebody's list of things to do: when its first clock runs out."""

    case_id: str
    due_at: datetime | None


def waiting_referrals(conn: Connection, focal_point_id: str, *, limit: int) -> list[Waiting]:
    """Cases with a referral that somebody still has to act on, most overdue first."""
    due = func.min(need_referral.c.due_at)
    query = (
        select(need_referral.c.assessment_id, due)
        .where(need_referral.c.focal_point_id == focal_point_id, need_referral.c.turn != "none")
        .group_by(need_referral.c.assessment_id)
        .order_by(due.nulls_last(), need_referral.c.assessment_id)
    )
    return _waiting(conn, query, limit)


def waiting_calls(conn: Connection, focal_point_id: str, *, limit: int) -> list[Waiting]:
    """Cases with a call to make, most urgent first."""
    due = func.min(call.c.due_at)
    query = (
        select(call.c.assessment_id, due)
        .where(
            call.c.focal_point_id == focal_point_id,
            call.c.done_at.is_(None),
            call.c.assessment_id.is_not(None),
        )
        .group_by(call.c.assessment_id)
        .order_by(due, call.c.assessment_id)
    )
    return _waiting(conn, query, limit)


def with_gaps(conn: Connection, focal_point_id: str, *, limit: int) -> list[Waiting]:
    """Cases with a need that nobody can serve, latest first."""
    last = func.max(need_gap.c.recorded_at)
    query = (
        select(need_gap.c.assessment_id, last)
        .where(need_gap.c.focal_point_id == focal_point_id)
        .group_by(need_gap.c.assessment_id)
        .order_by(last.desc(), need_gap.c.assessment_id)
    )
    return _waiting(conn, query, limit)


def _waiting(conn: Connection, query: Select[Any], limit: int) -> list[Waiting]:
    return [Waiting(row[0], row[1]) for row in conn.execute(query.limit(limit))]


def count_waiting(conn: Connection, focal_point_id: str, *, now: datetime) -> dict[str, int]:
    """The figures on top of the day's page: cases without an answer in time, with a call to make, and with a gap."""
    mine = need_referral.c.focal_point_id == focal_point_id
    silent = select(func.count(func.distinct(need_referral.c.assessment_id))).where(
        mine, need_referral.c.turn != "none", need_referral.c.due_at < now
    )
    calls = select(func.count(func.distinct(call.c.assessment_id))).where(
        call.c.focal_point_id == focal_point_id, call.c.done_at.is_(None)
    )
    gaps = select(func.count(func.distinct(need_gap.c.assessment_id))).where(
        need_gap.c.focal_point_id == focal_point_id
    )
    row = conn.execute(
        select(
            silent.scalar_subquery().label("silent"),
            calls.scalar_subquery().label("calls"),
            gaps.scalar_subquery().label("gaps"),
        )
    ).one()
    return {"silent": row.silent, "calls": row.calls, "gaps": row.gaps}
