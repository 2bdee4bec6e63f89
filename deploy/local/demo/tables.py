"""What the demo prints at its end: every journey in one table, and where to look next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from deploy.local.demo import words
from deploy.local.demo.journeys import Journey
from deploy.local.terminal import either

NONE = "–"


def journeys_table(journeys: Sequence[Journey], organizations: Mapping[str, str]) -> Table:
    """One row per need."""
    table = Table(title=either("Recorridos", "Journeys"), title_justify="left", expand=False)
    for spanish, english in (
        ("Caso", "Case"),
        ("Necesidad", "Need"),
        ("Prioridad", "Priority"),
        ("Prestador", "Provider"),
        ("Estado", "Status"),
        ("Mensaje a la persona", "Message to the person"),
    ):
        table.add_column(either(spanish, english), overflow="fold")
    for journey in journeys:
        for position, need in enumerate(journey.now["needs"]):
            table.add_row(
                journey.code if position == 0 else "",
                words.need(need["code"]),
                words.priority(need["priority"]),
                _providers(need, organizations),
                words.state(need["state"]),
                _messages(journey.now, need),
            )
    return table


def _providers(need: Mapping[str, Any], organizations: Mapping[str, str]) -> str:
    names = dict.fromkeys(organizations.get(one["organization_id"] or "", "?") for one in need["referrals"])
    if not names:
        return NONE
    first, *others = names
    return f"{first} +{len(others)}" if others else first


def _messages(case: Mapping[str, Any], need: Mapping[str, Any]) -> str:
    """Messages about this need; those about the whole case stand beside its first need."""
    own: set[str | None] = {referral["referral_id"] for referral in need["referrals"]}
    if need is case["needs"][0]:
        own.add(None)
    found = [
        one["status"] for one in case["messages"] if one["audience"] == "person" and one["referral_id"] in own
    ]
    counted = {status: found.count(status) for status in dict.fromkeys(found)}
    parts = [
        f"{words.message(status)}{f' ×{count}' if count > 1 else ''}" for status, count in counted.items()
    ]
    return ", ".join(parts) or NONE
