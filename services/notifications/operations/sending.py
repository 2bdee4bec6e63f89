"""Hand notifications to a channel, in batches: claim, ask for contacts, pass the gates, write the attempts, call,
record.

    take (commit) ─ contacts ─ choose ─ begin: attempts and statuses (commit) ─ channel ─ settle (commit)

No connection is held while somebody else is asked. A worker that dies before `begin` leaves what it took to others;
one that dies after it leaves attempts whose end nobody knows: `settling.settle_abandoned` decides on those.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import SQLAlchemyError

from services.notifications.channels.base import Channel, Outgoing
from services.notifications.clients.contacts import AddressBook, ContactsUnavailable
from services.notifications.domain.delivery import LEASE, TAKEN, End
from services.notifications.domain.gates import Limits
from services.notifications.domain.notification import Audience, Status
from services.notifications.operations import facts
from services.notifications.operations.choosing import Choice, Contacts, Ready, Refused, Waiting, choose
from services.notifications.operations.settling import Ended, settle
from services.notifications.store import limits, outbox
from services.notifications.store.outbox import Claim
from services.notifications.store.sealing import Seals
from shared import bus, logs, tracing
from shared.bus import Doorbell
from shared.events import LAST, LAST_URGENT
from shared.failpoints import reach
from shared.ids import new_id

BATCH: Final = 200
WAIT_FOR_CONTACTS: Final = timedelta(seconds=3)
RECORD_AGAIN: Final = timedelta(seconds=1)
WAIT_FOR_PLACE: Final = timedelta(seconds=5)
LOOK_BACK: Final = timedelta(days=9)

log = logs.get(__name__)


@dataclass(frozen=True)
class Sender:
    """What sending needs: where rows are, who answers for contacts, and the channel. With `urgent` it sends only P0 and
    P1, so that they need not wait for the end of a batch that another is in the middle of."""

    engine: Engine
    doorbell: Doorbell | None
    contacts: AddressBook
    channel: Channel
    seals: Seals
    limits: Limits
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    urgent: bool = False

    @property
    def last_priority(self) -> int:
        """The lowest priority that is sent."""
        return LAST_URGENT if self.urgent else LAST

    def lane_for_urgent(self) -> Sender:
        """A sender beside this one that stands in no line behind it."""
        return replace(self, channel=self.channel.lane(), urgent=True)


def send_due(sender: Sender, *, should_stop: Callable[[], bool] = lambda: False, batch: int = BATCH) -> int:
    """Send what is due until nothing is, `should_stop()`, or whoever we depend on is away. Returns how many attempts
    were made."""
    made, more = 0, True
    while more and not should_stop() and (room := sender.channel.room()):
        attempts, more = _one_batch(sender, min(batch, room), should_stop)
        made += attempts
    return made


def _one_batch(sender: Sender, batch: int, should_stop: Callable[[], bool]) -> tuple[int, bool]:
    """One batch: how many attempts were made, and whether to look for more. What becomes due meanwhile is rung for."""
    now = sender.clock()
    claim = Claim(new_id(), now, now + TAKEN, now + LEASE)
    with sender.engine.begin() as conn:
        rows = outbox.take(conn, claim, batch=batch, last_priority=sender.last_priority)
    if not rows:
        return 0, False
    reach("send.after_take")
    try:
        contacts = _contacts(sender, rows)
    except ContactsUnavailable as error:
        log.warning("contacts unavailable", error_class=str(error), count=len(rows))
        with sender.engine.begin() as conn:
            outbox.put_back(conn, token=claim.token, due_at=now + WAIT_FOR_CONTACTS)
        return 0, False
    if should_stop():
        with sender.engine.begin() as conn:
            outbox.put_back(conn, token=claim.token, due_at=now)
        return 0, False
    ready = _begin(sender, rows, contacts, claim)
    reach("send.after_claim")
    ended = _hand_over(sender, ready, claim, should_stop)
    reach("send.after_gateway")
    _record(sender, ended, claim)
    away = any(one.end is End.UNAVAILABLE for one in ended)
    return len(ended), len(rows) == batch and not away


def _record(sender: Sender, ended: Sequence[Ended], claim: Claim) -> None:
    """Write down how attempts ended. While the database is away it is tried again until the lease ends: what we know of
    a phone is not thrown away. Writing it twice changes nothing."""
    while True:
        try:
            with bus.transaction(sender.engine, sender.doorbell) as conn:
                settle(conn, ended, now=sender.clock())
                reach("send.before_commit")
            return
        except SQLAlchemyError as error:
            if not bus.is_transient(error) or sender.clock() + RECORD_AGAIN > claim.lease:
                raise
            log.warning("attempts not recorded yet", error_class=type(error).__name__, count=len(ended))
            sender.sleep(RECORD_AGAIN.total_seconds())


def _contacts(sender: Sender, rows: Sequence[Row[Any]]) -> Contacts:
    persons = sorted({row.person_id for row in rows if row.person_id})
    organizations = sorted({row.organization_id for row in rows if row.organization_id})
    return Contacts(
        persons=sender.contacts.persons(persons) if persons else {},
        staff=sender.contacts.organizations(organizations) if organizations else {},
    )


def _begin(sender: Sender, rows: Sequence[Row[Any]], contacts: Contacts, claim: Claim) -> list[Ready]:
    """Choose, and write what follows. Returns what may go to the channel; nothing else may."""
    persons = sorted({row.person_id for row in rows if row.person_id})
    with bus.transaction(sender.engine, sender.doorbell) as conn:
        known = limits.known(conn, persons, since=(claim.now - LOOK_BACK).date())
        chosen = choose(rows, contacts, known, limits=sender.limits, now=claim.now)
        ready, lost = _book(conn, [one for one in chosen if isinstance(one, Ready)], claim)
        _write_others(conn, [*chosen, *lost], claim)
        attempts = [_attempt(sender.seals, one) for one in ready]
        begun = outbox.begin(conn, attempts, claim, channel=sender.channel.name)
        limits.release_slots(conn, [one.row.id for one in ready if one.delivery_id not in begun])
    return [one for one in ready if one.delivery_id in begun]


def _book(conn: Connection, ready: Sequence[Ready], claim: Claim) -> tuple[list[Ready], list[Waiting]]:
    """Take the daily places of persons. What loses its place to another worker has to wait a moment."""
    wanted = [
        {"id": one.row.id, "person_id": one.row.person_id, "day": one.day, "slot": one.place}
        for one in ready
        if one.day is not None
    ]
    got = limits.take_slots(conn, wanted)
    lost = [one for one in ready if one.day is not None and one.row.id not in got]
    waiting = [Waiting(one.row, claim.now + WAIT_FOR_PLACE, "rate_limit") for one in lost]
    return [one for one in ready if one.day is None or one.row.id in got], waiting


def _write_others(conn: Connection, chosen: Sequence[Choice], claim: Claim) -> None:
    """Hold what has to wait, refuse what no machine may say, and ask a human for it."""
    moves, tasks = [], []
    for one in chosen:
        if isinstance(one, Waiting):
            moves.append(_step(one, Status.HELD, claim) | {"due_at": one.until})
        elif isinstance(one, Refused):
            moves.append(_step(one, Status.REFUSED, claim))
            if one.row.audience == Audience.PERSON:
                task = facts.call_row(one.row, reason=one.reason, now=claim.now)
                tasks.append(task | {"notification_id": one.row.id})
    facts.tell_updates(conn, outbox.conclude(conn, moves, now=claim.now), now=claim.now)
    facts.request_calls(conn, tasks, now=claim.now)


def _step(one: Waiting | Refused, status: Status, claim: Claim) -> dict[str, Any]:
    move = facts.moving(one.row.id, status, reason=one.reason, token=claim.token)
    return move | {"from_status": [Status.QUEUED.value, Status.HELD.value]}


def _attempt(seals: Seals, one: Ready) -> dict[str, Any]:
    index = None if one.day is None else "\\x" + seals.index(one.to).hex()
    return {
        "id": one.row.id,
        "delivery_id": one.delivery_id,
        "number_index": index,
        "sent_template_id": one.template_id,
        "language": one.language,
        "used": {"values": dict(one.values)},
    }


def _hand_over(
    sender: Sender, ready: Sequence[Ready], claim: Claim, should_stop: Callable[[], bool]
) -> list[Ended]:
    if not ready:
        return []
    with tracing.spans(f"{sender.channel.name} takes messages", [one.row.correlation_id for one in ready]):
        results = sender.channel.send_all(
            [Outgoing(one.delivery_id, one.to, one.text, confirm=one.day is not None) for one in ready],
            should_stop,
        )
    return [
        Ended.of(
            one.row,
            (one.delivery_id, claim.token),
            end=results[one.delivery_id].end,
            attempt=one.row.attempts + 1,
        )
        for one in ready
    ]
