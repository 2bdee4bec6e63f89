"""Referrals as rows and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from services.referral.domain.clocks import Limits
from services.referral.domain.record import Referral
from services.referral.domain.status import Party, Status

NAMES = tuple(one.name for one in fields(Referral))
IDS = (
    "id",
    "assessment_id",
    "person_id",
    "need_id",
    "organization_id",
    "service_id",
    "referring_organization_id",
    "focal_point_id",
    "predecessor_id",
    "successor_id",
)


def to_row(referral: Referral) -> dict[str, Any]:
    """Column to value, ready for `json_rows`."""
    row = {name: getattr(referral, name) for name in NAMES}
    limits = referral.limits
    row["limits"] = [limits.acknowledge, limits.decide, limits.start, limits.feedback, limits.waitlist]
    return row


def from_row(row: RowMapping) -> Referral:
    """The referral of a row that holds all its columns."""
    values = {name: row[name] for name in NAMES}
    for name in IDS:
        values[name] = None if row[name] is None else str(row[name])
    return Referral(
        **{
            **values,
            "status": Status(row["status"]),
            "held_from": None if row["held_from"] is None else Status(row["held_from"]),
            "turn": Party(row["turn"]),
            "escalated_to": None if row["escalated_to"] is None else Party(row["escalated_to"]),
            "limits": Limits(*row["limits"]),
            "languages": tuple(row["languages"]),
        }
    )
