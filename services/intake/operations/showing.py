"""Show cases to whoever may see them: each need with its referrals, gaps and outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from services.intake.domain import journey
from services.intake.domain.journey import NeedRecord, Progress, Referral
from services.intake.domain.sentences import N_
from services.intake.domain.visibility import Viewer, sees_case, sees_need
from services.intake.store import cases as store
from services.intake.store.cases import Case, Page
from shared.errors import NotFound


class CaseNotFound(NotFound):
    code = "assessment_not_found"

    def __init__(self) -> None:
        super().__init__(N_("No encontramos esta atención."))


@dataclass(frozen=True)
class NeedView:
    """One need as the viewer may see it. A restricted one that is not the viewer's shows only that it exists."""

    need: NeedRecord
    visible: bool
    progress: Progress
    referrals: list[Referral] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class CaseView:
    """A case with its needs; `messages` and `calls` only in the full view."""

    case: Case
    needs: list[NeedView]
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)


HIDDEN = Progress("restricted", 0, None, "none", None)


def show_case(conn: Connection, *, viewer: Viewer, case_id: str) -> CaseView:
    """One case in full. Raises CaseNotFound, also for one that the viewer may not know of."""
    case = find_visible(conn, viewer=viewer, case_id=case_id)
    outcomes = store.outcomes_of(conn, case.id)
    (view,) = _views(conn, viewer, [case])
    by_referral = {referral.referral_id: one for one in view.needs for referral in one.referrals}
    for outcome in outcomes:
        if outcome["referral_id"] in by_referral:
            by_referral[outcome["referral_id"]].outcomes.append(outcome)
    return CaseView(
        case,
        view.needs,
        messages=_about(store.messages_of(conn, case.id), set(by_referral), viewer, case),
        calls=_about(store.calls_of(conn, case.id), set(by_referral), viewer, case),
    )


def list_cases(conn: Connection, *, viewer: Viewer, wanted: Page) -> list[CaseView]:
    """Up to `wanted.limit + 1` cases, newest first."""
    return _views(conn, viewer, store.page(conn, wanted))


def show_several(conn: Connection, *, viewer: Viewer, ids: Sequence[str]) -> list[CaseView]:
    """The cases `ids` that the viewer may see, in that order."""
    found = store.find_several(conn, ids)
    visible = [found[one] for one in ids if one in found and _sees(viewer, found[one])]
    return _views(conn, viewer, visible)


def find_visible(conn: Connection, *, viewer: Viewer, case_id: str) -> Case:
    """A case. Raises CaseNotFound, also for one that the viewer may not know of."""
    case = store.find(conn, case_id)
    if case is None or not _sees(viewer, case):
        raise CaseNotFound
    return case


def _sees(viewer: Viewer, case: Case) -> bool:
    return sees_case(viewer, organization_id=case.organization_id, restricted_only=case.restricted_only)


def _views(conn: Connection, viewer: Viewer, cases: Sequence[Case]) -> list[CaseView]:
    if not cases:
        return []
    ids = [case.id for case in cases]
    needs = store.needs_of(conn, cases)
    referrals = store.referrals_of(conn, ids)
    gaps = store.gaps_of(conn, ids)
    routed = {
        case.id for case in cases if any(one.id in referrals or one.id in gaps for one in needs[case.id])
    }
    return [
        CaseView(
            case,
            [
                _need_view(
                    need,
                    (referrals.get(need.id, []), gaps.get(need.id, [])),
                    case.id in routed,
                    _may(viewer, need, case),
                )
                for need in needs[case.id]
                if _may(viewer, need, case) or not viewer.is_coordinator
            ],
        )
        for case in cases
    ]


def _may(viewer: Viewer, need: NeedRecord, case: Case) -> bool:
    return sees_need(viewer, restricted=need.restricted, focal_point_id=case.focal_point_id)


def _need_view(
    need: NeedRecord, heard: tuple[list[Referral], list[dict[str, Any]]], case_is_routed: bool, visible: bool
) -> NeedView:
    if not visible:
        return NeedView(need, False, HIDDEN)
    referrals, gaps = heard
    reached = journey.progress(need, referrals, has_gap=bool(gaps), case_is_routed=case_is_routed)
    return NeedView(need, True, reached, referrals, gaps)


def _about(
    rows: list[dict[str, Any]], visible_referrals: set[str], viewer: Viewer, case: Case
) -> list[dict[str, Any]]:
    """Messages and calls about what the viewer may see; those about the case as a whole are the author's."""
    is_author = viewer.account_id == case.focal_point_id
    return [row for row in rows if is_author or row["referral_id"] in visible_referrals]
