"""What people answer: matched to what their phone was asked, turned into an outcome, a silence or a call.

A number may be shared. An answer counts for somebody only when the open questions on that phone are all that
person's; stop and danger count for everybody behind the number. Nothing is ever answered by machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from services.notifications.domain import replies
from services.notifications.domain.replies import CONSEQUENCES, Kind
from services.notifications.operations import facts
from services.notifications.store import answers, checks, limits, outbox
from services.notifications.store.sealing import CannotOpen, Seals
from shared import bus
from shared.events.notifications import ContactOptedOut, OutcomeReported
from shared.failpoints import reach
from shared.ids import new_id

BATCH: Final = 50
REMEMBERED: Final = timedelta(days=60)
ANSWERABLE: Final = timedelta(days=21)
FOR_EVERYBODY: Final = frozenset({Kind.STOP, Kind.DANGER, Kind.UNEXPECTED})
SATISFACTION: Final = {Kind.GOOD: "SATISFIED", Kind.FAIR: "PARTLY_SATISFIED", Kind.BAD: "DISSATISFIED"}
AMBIGUOUS, CHANGED = "ambiguous_reply", "changed_answer"


@dataclass
class Effects:
    """What a batch of answers makes us write."""

    read: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    silences: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[OutcomeReported] = field(default_factory=list)
    correlations: dict[str, str] = field(default_factory=dict)
    answered_checks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """What one answer means: its kind, the questions it is for (one per person), and a reason to call instead."""

    kind: Kind
    questions: Sequence[Row[Any]]
    instead: str | None = None


@dataclass(frozen=True)
class Incoming:
    """A text that came in on a channel; `external_id` is the channel's own id of it, `number_indexes` what stands for
    the phone it came from."""

    channel: str
    external_id: str
    number_indexes: tuple[bytes, ...]
    text: str = field(repr=False)


def receive(conn: Connection, seals: Seals, incoming: Incoming, *, now: datetime) -> bool:
    """Keep an answer until it is read. False when this very message was kept before."""
    inbound_id = new_id()
    row = {
        "id": inbound_id,
        "channel": incoming.channel,
        "external_id": incoming.external_id,
        "number_indexes": list(incoming.number_indexes),
        "sealed_text": seals.seal(inbound_id, incoming.text),
        "now": now,
    }
    return answers.receive(conn, row)


def read_answers(conn: Connection, seals: Seals, *, now: datetime) -> int:
    """Read a batch of kept answers and do what follows from them. How many were read."""
    unread = answers.unread(conn, batch=BATCH)
    effects = Effects()
    for row in unread:
        reading = _read(conn, seals, row)
        first = reading.questions[0].delivery_id if reading.questions else None
        effects.read.append({"id": row.id, "kind": reading.kind.value, "delivery_id": first})
        _take_effect(conn, effects, reading, now=now)
    _write(conn, effects, now=now)
    reach("reply.before_commit")
    return len(unread)


def _read(conn: Connection, seals: Seals, row: Row[Any]) -> Reading:
    asked = answers.asked(conn, row.number_indexes, since=row.received_at - REMEMBERED, until=row.received_at)
    persons = _newest_per_person(asked)
    try:
        text = seals.open(row.id, row.sealed_text) if row.sealed_text is not None else ""
    except CannotOpen:
        return Reading(Kind.UNEXPECTED, persons)
    answerable = [question for question in asked if question.started_at > row.received_at - ANSWERABLE]
    return understand(text, persons, answerable)


def understand(text: str, persons: Sequence[Row[Any]], answerable: Sequence[Row[Any]]) -> Reading:
    """The meaning of `text` from a phone of `persons`; `answerable` is what it was asked, newest first. A check
    that was asked several times is open until one of these questions has an answer."""
    general = replies.read(text, None)
    if general in {Kind.STOP, Kind.DANGER}:
        return Reading(general, persons)
    fitting = [
        (question, kind)
        for question in answerable
        if (kind := replies.read(text, question.template_id)) not in FOR_EVERYBODY
    ]
    done = {question.follow_up_id for question, _ in fitting if question.answered_at is not None} - {None}
    still_open = [
        (question, kind)
        for question, kind in fitting
        if question.answered_at is None and question.follow_up_id not in done
    ]
    if len({question.person_id for question, _ in still_open}) > 1:
        return Reading(
            still_open[0][1], _newest_per_person([question for question, _ in still_open]), AMBIGUOUS
        )
    if still_open:
        return Reading(still_open[0][1], [still_open[0][0]])
    if any(question.answer == kind.value for question, kind in fitting):
        return Reading(fitting[0][1], [])  # the same answer once more
    if fitting:
        return Reading(fitting[0][1], [fitting[0][0]], CHANGED)
    return Reading(Kind.UNEXPECTED, persons)


def _newest_per_person(asked: Sequence[Row[Any]]) -> list[Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for question in asked:
        found.setdefault(question.person_id, question)
    return list(found.values())


def _take_effect(conn: Connection, effects: Effects, reading: Reading, *, now: datetime) -> None:
    consequence = CONSEQUENCES[reading.kind]
    for question in reading.questions:
        if reading.instead is not None:
            effects.calls.append(facts.call_row(question, reason=reading.instead, now=now))
            continue
        answers.answer(conn, delivery_id=question.delivery_id, kind=reading.kind.value, now=now)
        if consequence.call is not None:
            effects.calls.append(_call(question, consequence, now))
        if consequence.silence is not None:
            silence = {"id": new_id(), "person_id": question.person_id, "channel": facts.CHANNEL}
            effects.silences.append(silence | {"reason": consequence.silence})
        if question.follow_up_id is not None:
            effects.answered_checks.append({"id": question.follow_up_id, "state": "answered", "tried": 0})
            outcomes = _outcome(question, reading.kind)
            effects.outcomes += outcomes
            if question.correlation_id:
                effects.correlations.update({one.subject: question.correlation_id for one in outcomes})


def _call(question: Row[Any], consequence: replies.Consequence, now: datetime) -> dict[str, Any]:
    row = facts.call_row(
        question, reason=str(consequence.call), now=now, within=facts.AT_ONCE if consequence.urgent else None
    )
    return row | ({"priority": 0} if consequence.silence and consequence.urgent else {})


def _outcome(question: Row[Any], kind: Kind) -> list[OutcomeReported]:
    """What an answer to a follow-up says about the referral, where the check gives it an outcome."""
    answered = {Kind.YES: question.outcome_if_yes, Kind.NO: question.outcome_if_no}
    outcome = {**answered, **SATISFACTION}.get(kind)
    if outcome is None or question.referral_id is None:
        return []
    return [
        OutcomeReported(
            seq=1,
            sensitivity=question.sensitivity,
            priority=question.priority,
            outcome_id=new_id(),
            referral_id=question.referral_id,
            assessment_id=question.assessment_id,
            person_id=question.person_id,
            outcome=outcome,
            source="person",
            follow_up=question.check_id,
        )
    ]


def _write(conn: Connection, effects: Effects, *, now: datetime) -> None:
    answers.read(conn, effects.read, now=now)
    checks.advance(conn, effects.answered_checks)
    silenced = limits.silence(conn, effects.silences, now=now)
    persons = [row["person_id"] for row in effects.silences]
    if persons:
        checks.cancel(conn, person_ids=persons)
        facts.tell_updates(conn, outbox.cancel_of_persons(conn, persons, reason="silenced", now=now), now=now)
    opted_out = [
        ContactOptedOut(seq=1, opt_out_id=row["id"], person_id=row["person_id"], channel=row["channel"])
        for row in effects.silences
        if row["id"] in silenced.get("opted_out", ())
    ]
    bus.publish(conn, [*opted_out, *effects.outcomes], now=now, correlations=effects.correlations)
    facts.request_calls(conn, effects.calls, now=now)
