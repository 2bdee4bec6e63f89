"""Who the person is, from the intake service. Nothing is kept: consent is checked there at each look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from services.referral.schemas.person import SharedViewSchema
from shared.clock import utc_now
from shared.identity.tokens import service_headers
from shared.outbound import OutboundError, call, make_session

READ_SECONDS = 4.0
TEXTS = ("name", "phone", "phone_reason", "phone_owner", "channel", "neutral_name", "timezone")
LISTS = ("safe_days", "safe_hours", "accessibility")


class IntakeAway(Exception):
    """Intake does not answer, or answers something we cannot read. The message carries nothing of the person."""


@dataclass(frozen=True)
class SharedPerson:
    """What an organization may know of a person now. `phone` is None with a coded `phone_reason`."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    phone_reason: str | None
    phone_owner: str | None
    channel: str | None
    neutral_name: str | None = field(repr=False)
    safe_days: tuple[str, ...]
    safe_hours: tuple[str, ...]
    timezone: str | None
    accessibility: tuple[str, ...]


class Intake:
    """Asks with a service token made for each call."""

    def __init__(self, *, url: str, secret_key: str) -> None:
        self._url = f"{url.rstrip('/')}/intake/api/v1/persons/shared-view"
        self._secret_key = secret_key
        self._session = make_session()

    def shared_view(
        self, *, person_id: str, need_id: str, organization_id: str, correlation_id: str | None = None
    ) -> SharedPerson | None:
        """What `organization_id` may know of the person for this need; None when consent does not cover it (any more).
        Raises IntakeAway."""
        headers = service_headers(
            "referral", secret_key=self._secret_key, correlation_id=correlation_id, now=utc_now()
        )
        body = {"person_id": person_id, "need_id": need_id, "organization_id": organization_id}
        try:
            response = call(
                self._session, "POST", self._url, json=body, headers=headers, read_seconds=READ_SECONDS
            )
            answered = response.json()
        except (OutboundError, requests.exceptions.JSONDecodeError) as error:
            raise IntakeAway(type(error).__name__) from None
        if response.status_code in {403, 404}:
            return None
        if response.status_code != 200:
            raise IntakeAway(f"answered {response.status_code}")
        return _person(answered)


def _person(answered: Any) -> SharedPerson:
    problems = SharedViewSchema().validate(answered) if isinstance(answered, dict) else {"_": ["no object"]}
    if problems:
        raise IntakeAway(f"unreadable: {', '.join(sorted(map(str, problems)))}")
    values: dict[str, Any] = {name: answered.get(name) for name in TEXTS}
    values |= {name: tuple(answered.get(name) or ()) for name in LISTS}
    return SharedPerson(**values)
