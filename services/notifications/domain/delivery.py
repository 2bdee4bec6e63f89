"""A delivery: one attempt to hand a notification to a channel, and what its end means.

Towards phones nothing happens exactly once. The attempt is on record before the gateway is called; when the
answer does not come, the attempt is `unknown`: a member of staff gets the message again, a person does not,
because a second message is a second chance for the wrong eyes. A late report may still settle it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.notifications.domain.notification import Audience, Status, may_be_sent_again

MAX_ATTEMPTS: Final = 3
BACK_OFF: Final = (timedelta(minutes=1), timedelta(minutes=10))
PAUSE: Final = timedelta(seconds=5)
"""How long a message waits when the gateway is away. Whether the gateway is called at all is the channel's to say: when
it is back, what was left over goes out with the rest."""
LEASE: Final = timedelta(minutes=3)
"""How long a batch of attempts may take. Longer than all its calls timing out one after the other."""
TAKEN: Final = timedelta(seconds=45)
"""How long a batch may be taken before its attempts begin: the time to ask for contacts."""


class End(StrEnum):
    """How an attempt ended, as far as we know."""

    ACCEPTED = "accepted"  # the gateway has it
    DELIVERED = "delivered"  # the phone has it
    TEMPORARY = "temporary"  # the gateway said: not now
    PERMANENT = "permanent"  # the gateway said: never
    UNKNOWN = "unknown"  # no answer
    UNAVAILABLE = "unavailable"  # the gateway was not there: no fault of this message, and no attempt


@dataclass(frozen=True)
class Verdict:
    """What an ended attempt makes of its notification. `due_at`: to be tried again then; `human`: somebody calls."""

    status: Status
    due_at: datetime | None = None
    human: bool = False


def judge(end: End, *, attempt: int, audience: Audience, now: datetime) -> Verdict:
    """The verdict on attempt number `attempt` (from 1). Never another channel by itself."""
    person = audience is Audience.PERSON
    if end is End.ACCEPTED:
        return Verdict(Status.SENT)
    if end is End.DELIVERED:
        return Verdict(Status.DELIVERED)
    if end is End.UNAVAILABLE:
        return Verdict(Status.QUEUED, due_at=now + PAUSE)
    again = end is End.TEMPORARY or (end is End.UNKNOWN and may_be_sent_again(audience))
    if again and attempt < MAX_ATTEMPTS:
        return Verdict(Status.QUEUED, due_at=now + BACK_OFF[min(attempt, len(BACK_OFF)) - 1])
    if end is End.UNKNOWN:
        return Verdict(Status.UNKNOWN, human=person)
    return Verdict(Status.FAILED, human=True)


def from_report(code: int) -> Status | None:
    """The status that a delivery report's code stands for (the bits of the SMS gateway), or None for "nothing new".

    1 delivered · 2 not delivered · 4 queued · 8 accepted by the SMS centre · 16 refused by it · 32 on its way.
    """
    if code == 1:
        return Status.DELIVERED
    if code in {2, 16}:
        return Status.FAILED
    return Status.SENT if code in {4, 8, 32} else None
