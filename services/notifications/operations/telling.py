"""From facts to intents: who has to be told what, and when to ask again. Set-wise, no contact is looked at here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from services.notifications.domain import follow_up, slots, templates
from services.notifications.domain.notification import Audience
from services.notifications.operations.facts import call_row, request_calls, tell_updates
from services.notifications.store import calls, checks, limits, outbox
from shared.bus import Received
from shared.clock import parse_time, rfc3339
from shared.ids import new_id

FIRST_CONTACT: Final = {
    0: timedelta(hours=24),
    1: timedelta(hours=24),
    2: timedelta(hours=72),
    3: timedelta(hours=168),
}
"""By when somebody contacts the person, by priority (urgency table, first contact)."""
RECEIVED_MATTERS: Final = timedelta(days=3)
RESTRICTED: Final = "S3"


def sensitivity_of(fact: Any) -> str:
    """The class of a referral or gap. One whose kind of help is not told is restricted, whatever its envelope says."""
    return RESTRICTED if fact.service_type is None else str(fact.sensitivity)


def remember_restricted(conn: Connection, events: Sequence[Received], *, now: datetime) -> None:
    """From now on every message to these persons counts as restricted, for whatever need it is."""
    persons = {event.fact.person_id for event in events if sensitivity_of(event.fact) == RESTRICTED}
    limits.restrict(conn, sorted(persons), now=now)


def tell_of_requests(conn: Connection, events: Sequence[Received]) -> None:
    """Staff learn that a case came in (S7); the person, once per assessment, that the request was received (S2)."""
    remember_restricted(conn, events, now=events[0].time)
    rows = [_to_staff(event) for event in events if event.fact.organization_id]
    rows += [_received(event) for event in events if event.fact.predecessor_id is None]
    outbox.add(conn, rows)


def tell_of_acceptance(conn: Connection, events: Sequence[Received], *, day: timedelta) -> None:
    """The person learns of the appointment (S1); the checks that begin with acceptance are planned."""
    remember_restricted(conn, events, now=events[0].time)
    outbox.add(conn, [_appointment(event) for event in events if event.fact.appointment_at])
    _plan(conn, events, "accepted", day=day)


def tell_of_completion(conn: Connection, events: Sequence[Received], *, day: timedelta) -> None:
    """The checks that end with the help are cancelled, those that begin with it are planned."""
    checks.cancel(conn, completed=[event.fact.referral_id for event in events])
    _plan(conn, events, "completed", day=day)


def tell_of_end(conn: Connection, events: Sequence[Received]) -> None:
    """A referral ended without help: nothing more is sent or asked about it, its provider calls nobody any more; a
    human goes on where it is her turn."""
    now = events[0].time
    referrals = [event.fact.referral_id for event in events]
    checks.cancel(conn, ended=referrals)
    calls.close_of_providers(conn, referrals, now=now)
    tell_updates(conn, outbox.cancel_of_referrals(conn, referrals, reason="referral_ended", now=now), now=now)
    ask_focal_point(conn, events, reason="choose_provider")


def ask_focal_point(conn: Connection, events: Sequence[Received], *, reason: str) -> None:
    """Open a task for the focal point where the next step is hers."""
    hers = [event for event in events if getattr(event.fact, "turn", "") == "focal_point"]
    request_calls(conn, [_task(event, reason) for event in hers], now=events[0].time)


def tell_of_missed_clocks(conn: Connection, events: Sequence[Received]) -> None:
    """A clock ran out: a task for the focal point when it is she who must act now."""
    hers = [event for event in events if event.fact.escalate_to == "focal_point"]
    request_calls(conn, [_task(event, "clock_missed") for event in hers], now=events[0].time)


def tell_of_gaps(conn: Connection, events: Sequence[Received]) -> None:
    """Nobody reachable can help: a human tells the person and looks for another way."""
    remember_restricted(conn, events, now=events[0].time)
    request_calls(conn, [_task(event, "gap") for event in events], now=events[0].time)


def fall_silent(conn: Connection, events: Sequence[Received]) -> None:
    """Permission to contact was withdrawn: what waits for these persons is cancelled, questions with it."""
    now = events[0].time
    persons = [event.fact.person_id for event in events if event.fact.scope in {"contact", "all"}]
    checks.cancel(conn, person_ids=persons)
    tell_updates(conn, outbox.cancel_of_persons(conn, persons, reason="consent_withdrawn", now=now), now=now)


def _intent(
    event: Received, template_id: str, audience: Audience, key: str, moment: datetime
) -> dict[str, Any]:
    fact = event.fact
    return {
        "id": new_id(),
        "dedupe_key": f"{template_id}/{key}",
        "audience": audience.value,
        "template_id": template_id,
        "variables": {"moment": rfc3339(moment), "reference": slots.reference(fact.assessment_id)},
        "assessment_id": fact.assessment_id,
        "referral_id": fact.referral_id,
        "person_id": fact.person_id if audience is Audience.PERSON else None,
        "organization_id": fact.organization_id if audience is Audience.ORGANIZATION else None,
        "focal_point_id": fact.focal_point_id,
        "sensitivity": sensitivity_of(fact),
        "priority": fact.priority,
        "due_at": rfc3339(event.time),
        "expires_at": None,
        "correlation_id": event.correlation_id,
    }


def _to_staff(event: Received) -> dict[str, Any]:
    fact = event.fact
    due = parse_time(fact.due_at) if fact.due_at else event.time + FIRST_CONTACT[fact.priority]
    return _intent(event, templates.NEW_CASE, Audience.ORGANIZATION, fact.referral_id, due)


def _received(event: Received) -> dict[str, Any]:
    """The request of the whole assessment: not tied to one referral, so that the end of one does not take it back."""
    fact = event.fact
    row = _intent(
        event,
        templates.RECEIVED,
        Audience.PERSON,
        fact.assessment_id,
        event.time + FIRST_CONTACT[fact.priority],
    )
    return row | {"referral_id": None, "expires_at": rfc3339(event.time + RECEIVED_MATTERS)}


def _appointment(event: Received) -> dict[str, Any]:
    at = parse_time(event.fact.appointment_at)
    row = _intent(
        event, templates.APPOINTMENT, Audience.PERSON, f"{event.fact.referral_id}/{rfc3339(at)}", at
    )
    return row | {"expires_at": rfc3339(at)}


def _task(event: Received, reason: str) -> dict[str, Any]:
    row = call_row(event.fact, reason=reason, now=event.time)
    return row | {"sensitivity": sensitivity_of(event.fact), "correlation_id": event.correlation_id}


def _plan(conn: Connection, events: Iterable[Received], moment: str, *, day: timedelta) -> None:
    """Write the checks that begin now. `day` is how long a day of a check lasts."""
    rows = []
    for event in events:
        fact = event.fact
        checks_told = follow_up.plan(
            fact.checks,
            moment,
            restricted=sensitivity_of(fact) == RESTRICTED,
            otherwise=FIRST_CONTACT[fact.priority],
        )
        for check in checks_told:
            rows.append(
                {
                    "id": new_id(),
                    "check_id": check.id,
                    "referral_id": fact.referral_id,
                    "assessment_id": fact.assessment_id,
                    "person_id": fact.person_id,
                    "focal_point_id": fact.focal_point_id,
                    "organization_id": fact.organization_id if check.by_provider else None,
                    "sensitivity": sensitivity_of(fact),
                    "priority": fact.priority,
                    "mode": check.mode,
                    "template_id": check.template_id,
                    "outcome_if_yes": check.outcome_if_yes,
                    "outcome_if_no": check.outcome_if_no,
                    "ends_when_completed": check.ends_when_completed,
                    "due_at": rfc3339(event.time + check.after * (day / timedelta(days=1))),
                    "correlation_id": event.correlation_id,
                }
            )
    checks.plan(conn, rows)
