"""A notification: the intent to tell somebody something, and the statuses it can have.

    held ──► queued ──► sending ──► sent ──► delivered
      │        │           ├──► failed  ──────►┤
      │        │           └──► unknown ──────►┘
      └────────┴──► refused (a human does it) · cancelled (no longer wanted)

Statuses form a lattice, not a log: receipts come late, twice and in any order, and `delivered` never goes back.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Status(StrEnum):
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Audience(StrEnum):
    PERSON = "person"
    ORGANIZATION = "organization"
    FOCAL_POINT = "focal_point"
    COORDINATOR = "coordinator"


class Channel(StrEnum):
    SMS = "sms"
    IN_APP = "in_app"


NEXT: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        Status.HELD: frozenset({Status.QUEUED, Status.SENDING, Status.REFUSED, Status.CANCELLED}),
        Status.QUEUED: frozenset({Status.HELD, Status.SENDING, Status.REFUSED, Status.CANCELLED}),
        Status.SENDING: frozenset(
            {
                Status.SENT,
                Status.DELIVERED,
                Status.FAILED,
                Status.UNKNOWN,
                Status.QUEUED,
                Status.HELD,
                Status.REFUSED,
            }
        ),
        Status.SENT: frozenset({Status.DELIVERED, Status.FAILED}),
        Status.UNKNOWN: frozenset({Status.SENT, Status.DELIVERED, Status.FAILED, Status.QUEUED}),
        Status.FAILED: frozenset({Status.DELIVERED}),
        Status.DELIVERED: frozenset(),
        Status.REFUSED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
)

WAITING: Final = frozenset({Status.HELD, Status.QUEUED})
TOLD: Final = frozenset(
    {
        Status.HELD,
        Status.SENT,
        Status.DELIVERED,
        Status.FAILED,
        Status.UNKNOWN,
        Status.REFUSED,
        Status.CANCELLED,
    }
)
"""Statuses worth an event; `queued` and `sending` last for moments and are nobody else's concern."""


def can_become(current: Status, following: Status) -> bool:
    """Whether the step is in the table. A step to the same status is none."""
    return following in NEXT[current]


def after_report(current: Status, reported: Status) -> Status:
    """The status after a gateway's report: the reported one where the table allows it, else what it was."""
    return reported if can_become(current, reported) else current


def may_be_sent_again(audience: Audience) -> bool:
    """Whether an attempt with unknown end may be repeated: to staff yes, to a person never."""
    return audience is not Audience.PERSON
