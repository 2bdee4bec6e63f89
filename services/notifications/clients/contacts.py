"""Safe contacts of persons (from intake) and phones of organizations (from referral), in batches.

Nothing is kept: a person's answer is used once and forgotten, because what is safe changes. Phones of organizations
are remembered for a minute. When the other side is away nobody guesses: `ContactsUnavailable`, and the caller waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from services.notifications.domain.gates import Contact
from services.notifications.schemas import OrganizationContactSchema, PersonContactSchema
from shared.clock import utc_now
from shared.identity.tokens import service_headers
from shared.outbound import OutboundError, call, make_session

REMEMBER_SECONDS = 60.0
READ_SECONDS = 10.0
BATCH = 500
PERSON, ORGANIZATION = PersonContactSchema(), OrganizationContactSchema()
"""Made once: making one costs several times what reading a contact with it does."""


class ContactsUnavailable(Exception):
    """The other service does not answer, or answers something we cannot read. The message carries no contact."""


@dataclass(frozen=True)
class StaffContact:
    """The phone on which an organization's staff learn that a case came in; None when it gave none."""

    organization_id: str
    phone: str | None = field(repr=False)
    language: str = "es"
    timezone: str = "America/Bogota"


class AddressBook(Protocol):
    """Who may be written to, and where. Raises ContactsUnavailable rather than guess."""

    def persons(self, person_ids: Sequence[str]) -> Mapping[str, Contact]: ...

    def organizations(self, organization_ids: Sequence[str]) -> Mapping[str, StaffContact]: ...


class ContactBook:
    """Asks the two services, with a service token made for each call."""

    def __init__(self, *, intake_url: str, referral_url: str, secret_key: str) -> None:
        self._intake = f"{intake_url.rstrip('/')}/intake/api/v1/safe-contacts/lookup"
        self._referral = f"{referral_url.rstrip('/')}/referral/api/v1/organization-contacts/lookup"
        self._secret_key = secret_key
        self._session = make_session(pool_size=8)
        self._staff: dict[str, tuple[float, StaffContact | None]] = {}

    def persons(self, person_ids: Sequence[str]) -> Mapping[str, Contact]:
        """How each person may be written to now. One that intake does not name has no safe contact."""
        found: dict[str, Contact] = {}
        for start in range(0, len(person_ids), BATCH):
            body = {"person_ids": list(person_ids[start : start + BATCH]), "purpose": "notification"}
            for item in self._ask(self._intake, body):
                contact = _person(item)
                found[contact.person_id] = contact
        return found

    def organizations(self, organization_ids: Sequence[str]) -> Mapping[str, StaffContact]:
        """The phones of organizations that have one."""
        now = time.monotonic()
        known = {one: self._staff[one] for one in organization_ids if one in self._staff}
        stale = [one for one in organization_ids if one not in known or known[one][0] < now]
        if stale:
            answered = {
                contact.organization_id: contact
                for contact in map(_organization, self._ask(self._referral, {"organization_ids": stale}))
            }
            known.update({one: (now + REMEMBER_SECONDS, answered.get(one)) for one in stale})
            self._staff.update({one: known[one] for one in stale})
        return {one: contact for one, (_, contact) in known.items() if contact is not None}

    def _ask(self, url: str, body: dict[str, Any]) -> Sequence[Any]:
        headers = service_headers("notifications", secret_key=self._secret_key, now=utc_now())
        try:
            response = call(self._session, "POST", url, json=body, headers=headers, read_seconds=READ_SECONDS)
            contacts = response.json()["contacts"] if response.status_code == 200 else None
        except (OutboundError, requests.exceptions.JSONDecodeError, KeyError, TypeError) as error:
            raise ContactsUnavailable(type(error).__name__) from None
        if not isinstance(contacts, list):
            raise ContactsUnavailable(f"answered {response.status_code}")
        return contacts


def _person(item: Any) -> Contact:
    problems = PERSON.validate(item) if isinstance(item, dict) else {"_": ["no object"]}
    if problems:
        raise ContactsUnavailable(f"unreadable contact: {', '.join(sorted(problems))}")
    given = {
        name: value for name, value in item.items() if name in PersonContactSchema.KNOWN and value is not None
    }
    return Contact(**({"channel": None, "phone": None} | given))


def _organization(item: Any) -> StaffContact:
    problems = ORGANIZATION.validate(item) if isinstance(item, dict) else {"_": ["no object"]}
    if problems:
        raise ContactsUnavailable(f"unreadable contact: {', '.join(sorted(problems))}")
    given = {name: item[name] for name in OrganizationContactSchema.KNOWN if item.get(name) is not None}
    return StaffContact(**({"phone": None} | given))
