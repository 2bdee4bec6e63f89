"""Watching cases: what is new in each since one last looked, told as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.local.demo import words
from deploy.local.terminal import either

Tell = Callable[[str], Any]


@dataclass
class Journey:
    """One case as the focal point's organization sees it now, and what was already told of it."""

    case_id: str
    code: str
    now: Mapping[str, Any] = field(default_factory=dict)
    _told: set[tuple[str, ...]] = field(default_factory=set)

    def look(self, case: Mapping[str, Any], organizations: Mapping[str, str], tell: Tell) -> None:
        """Take in the case as it is now and tell what is new."""
        self.now = case
        for key, line in _lines(case, organizations):
            if key not in self._told:
                self._told.add(key)
                tell(f"[bold]{self.code}[/bold] {line}")


def _lines(
    case: Mapping[str, Any], organizations: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Everything that can be told of a case, each with a key that changes when it does."""
    for need in case["needs"]:
        for referral in need["referrals"]:
            yield (referral["referral_id"], referral["status"]), _referral(need, referral, organizations)
        for gap in need["gaps"]:
            yield (gap["gap_id"],), _gap(need, gap)
        for outcome in need["outcomes"]:
            yield (outcome["outcome_id"],), _outcome(outcome)
    yield from _contacts(case)


def _contacts(case: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Messages to the person and calls."""
    for message in case["messages"]:
        if message["audience"] == "person" and message["status"] not in {"queued", "sending"}:
            yield (message["notification_id"], message["status"]), _message(message)
    for call in case["calls"]:
        if call["done_at"] is not None:
            yield (call["call_id"],), either("llamada a la persona, hecha", "call to the person, made")


def _referral(need: Mapping[str, Any], referral: Mapping[str, Any], organizations: Mapping[str, str]) -> str:
    where = organizations.get(referral["organization_id"] or "", "?")
    level = words.priority(referral["priority"])
    return f"{words.need(need['code'])} · {level} → {where}: [cyan]{words.state(referral['status'])}[/cyan]"


def _gap(need: Mapping[str, Any], gap: Mapping[str, Any]) -> str:
    help_wanted = words.service_type(gap["service_type"])
    nobody = either("nadie lo presta aquí", "nobody offers it here")
    return f"{words.need(need['code'])} → {help_wanted}: [yellow]{nobody}[/yellow]"


def _outcome(outcome: Mapping[str, Any]) -> str:
    said = either("resultado", "outcome")
    return f"{said}: [green]{words.label('outcomes', outcome['outcome'])}[/green]"


def _message(message: Mapping[str, Any]) -> str:
    to_person = either("mensaje a la persona", "message to the person")
    return f"{to_person}: [magenta]{words.message(message['status'])}[/magenta]"
