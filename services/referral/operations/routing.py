"""Route assessments: rules, match, referrals or gaps, a whole batch in a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain import planning
from services.referral.domain.case import from_facts, to_facts
from services.referral.domain.decisions import DecisionError
from services.referral.domain.pathway import Pathway
from services.referral.domain.planned import Planned, World
from services.referral.domain.record import Referral
from services.referral.operations import journal
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.live import LiveRules
from services.referral.store import routed
from shared import logs
from shared.bus import Received, correlations_of
from shared.events.intake import AssessmentSubmitted
from shared.ids import new_id

log = logs.get(__name__)


class Router:
    """The rules and the directory that a process routes by."""

    def __init__(self, catalogue: Catalogue, pathway: Pathway | None = None) -> None:
        """With `pathway`, that one decides whatever is published."""
        self.catalogue = catalogue
        self.rules = LiveRules()
        self._fixed = pathway

    def pathway(self, conn: Connection, *, now: datetime) -> Pathway:
        """The rules in force, as this transaction sees them."""
        return self._fixed or self.rules.at(conn, now)

    def world(self, conn: Connection, *, now: datetime) -> World:
        """What planning reads, as this transaction sees it."""
        snapshot = self.catalogue.snapshot(conn, now=now)
        pathway = self.pathway(conn, now=now)
        if self._fixed is None:
            self.rules.keep(conn, pathway, now=now)
        return World(pathway, snapshot, now, new_id, self.catalogue.pending())

    def route(self, conn: Connection, events: Sequence[Received], *, now: datetime) -> None:
        """Route new assessments. One that was routed before, or whose consent is withdrawn, changes nothing. Rules
        that are silent about a need make a gap, never an error."""
        cases = [event.fact for event in events]
        fresh = routed.open_cases(
            conn,
            [
                {"assessment_id": case.assessment_id, "person_id": case.person_id, "facts": to_facts(case)}
                for case in cases
            ],
            now=now,
        )
        world = self.world(conn, now=now)
        planned: list[Planned] = []
        for case in cases:
            if case.assessment_id in fresh:
                fresh.discard(case.assessment_id)
                planned += _plan(world, case)
        correlations = {event.fact.assessment_id: event.correlation_id for event in events}
        journal.keep_planned(conn, planned, now=now, correlations=correlations)

    def ask_next(self, conn: Connection, failed: Sequence[Referral], *, now: datetime) -> dict[str, Planned]:
        """Ask the next candidates after referrals that were rejected, expired or could not be delivered. Consent is
        checked again: without it nobody is asked. Returns what was planned, by failed referral."""
        if not failed:
            return {}
        cases = routed.facts_of(conn, [one.assessment_id for one in failed])
        tried = routed.tried_for(conn, [one.need_id for one in failed])
        world = self.world(conn, now=now)
        found = {}
        for one in failed:
            if one.assessment_id in cases:
                case = from_facts(cases[one.assessment_id], priority=one.priority)
                asked = frozenset(tried.get((one.need_id, str(one.route["row_id"])), ())) | {one.service_id}
                found[one.id] = planning.next_attempt(world, case, one, asked)
        journal.keep_planned(conn, list(found.values()), now=now, correlations=_begun(conn, failed))
        successors = {one: planned.referral.id for one, planned in found.items() if planned.referral}
        routed.link_successors(conn, successors)
        return found

    def search_again(self, conn: Connection, ended: Referral, *, now: datetime) -> Planned:
        """Ask the next candidate after `ended` because a person wants it, whatever the number of attempts. Writes
        nothing when there is none."""
        cases = routed.facts_of(conn, [ended.assessment_id])
        tried = routed.tried_for(conn, [ended.need_id])
        case = from_facts(cases[ended.assessment_id], priority=ended.priority)
        asked = frozenset(tried.get((ended.need_id, str(ended.route["row_id"])), ())) | {ended.service_id}
        found = planning.next_attempt(self.world(conn, now=now), case, ended, asked, most=planning.NO_LIMIT)
        if found.referral is not None:
            journal.keep_planned(conn, [found], now=now, correlations=_begun(conn, [ended]))
            routed.link_successors(conn, {ended.id: found.referral.id})
        return found


def _plan(world: World, case: AssessmentSubmitted) -> list[Planned]:
    try:
        return planning.plan(world, case)
    except (LookupError, DecisionError, ValueError) as error:
        log.error("rules gave no answer", assessment_id=case.assessment_id, error_class=type(error).__name__)
        return planning.unrouted(world, case)


def _begun(conn: Connection, failed: Sequence[Referral]) -> dict[str, str | None]:
    """By assessment: the correlation id under which the case began."""
    found = correlations_of(conn, [f"assessment/{one.assessment_id}" for one in failed])
    return {subject.partition("/")[2]: correlation for subject, correlation in found.items()}
