"""The sandbox: texts go to a page instead of a phone, where one may answer as the person. Only in a demo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.notifications.channels.base import Outgoing, Receipt, Result, never
from services.notifications.channels.breaker import PLENTY


class SandboxChannel:
    """`keep` stores the texts of a batch, all or none."""

    name = "sandbox"

    def __init__(self, keep: Callable[[Sequence[Outgoing]], None]) -> None:
        self._keep = keep

    def send_all(
        self, messages: Sequence[Outgoing], should_stop: Callable[[], bool] = never
    ) -> Mapping[str, Result]:
        """Keep the messages; each counts as delivered. See `Channel`."""
        self._keep(messages)
        return {message.delivery_id: Receipt(delivered=True) for message in messages}

    def lane(self) -> SandboxChannel:
        """Nobody stands in line here."""
        return self

    def room(self) -> int:
        """As many as come."""
        return PLENTY
