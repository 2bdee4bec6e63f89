"""What every channel promises: hand over texts, and say honestly what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.notifications.domain.delivery import End


@dataclass(frozen=True)
class Outgoing:
    """A text for a phone. `delivery_id` comes back in the receipt; number and text show in no repr and no log.

    `confirm`: whether to report that the phone got it; that it did not is always reported.
    """

    delivery_id: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    confirm: bool = True


@dataclass(frozen=True)
class Receipt:
    """The gateway has the text. `delivered` when it says so at once, else a report may follow."""

    delivered: bool = False

    @property
    def end(self) -> End:
        return End.DELIVERED if self.delivered else End.ACCEPTED


class DeliveryError(Exception):
    """The text was not taken, or nobody knows.

    `retryable`: the gateway may take it later. `uncertain`: it may have taken it already. `unavailable`: the
    gateway was not reached or does not know us, which is no fault of this message. The message carries neither
    number nor text.
    """

    def __init__(
        self, message: str, *, retryable: bool = False, uncertain: bool = False, unavailable: bool = False
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.uncertain = uncertain
        self.unavailable = unavailable

    @property
    def end(self) -> End:
        if self.uncertain:
            return End.UNKNOWN
        if self.unavailable:
            return End.UNAVAILABLE
        return End.TEMPORARY if self.retryable else End.PERMANENT


Result = Receipt | DeliveryError


def never() -> bool:
    """Nobody wants this to stop."""
    return False


class Channel(Protocol):
    """A means to reach phones. `name` stands on every attempt."""

    name: str

    def send_all(
        self, messages: Sequence[Outgoing], should_stop: Callable[[], bool] = never
    ) -> Mapping[str, Result]:
        """Hand over each message once, at most once. One result per delivery id; never raises for a message.

        Once `should_stop()`, no further message is begun: those that are left are `unavailable`, which costs them
        nothing.
        """
        ...

    def lane(self) -> Channel:
        """The same gateway, for what must not stand in line behind the messages of this one. Both know what either
        learns of it."""
        ...

    def room(self) -> int:
        """How many messages it would take now. None while its gateway is away: then what waits keeps waiting, due."""
        ...
