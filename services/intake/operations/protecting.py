"""Hand out what identifies a person only to whom and for what consent covers it, and take permissions back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.domain import sensitivity
from services.intake.domain.sentences import N_
from services.intake.domain.visibility import Viewer
from services.intake.operations.showing import find_visible, show_case
from services.intake.store import persons as store
from services.intake.store.persons import Contact
from services.intake.store.sealing import Vault
from shared import bus
from shared.errors import Forbidden, NotFound
from shared.events.intake import ConsentWithdrawn

COLUMNS = {
    "share": ("share_withdrawn_at",),
    "contact": ("contact_withdrawn_at",),
    "all": ("share_withdrawn_at", "contact_withdrawn_at"),
}


class NotShared(Forbidden):
    code = "not_shared"

    def __init__(self) -> None:
        super().__init__(N_("La persona no permite compartir sus datos con esta organización."))


class NotForColleagues(Forbidden):
    code = "restricted_case"

    def __init__(self) -> None:
        super().__init__(
            N_("Este caso es reservado: solo quien lo registró puede ver los datos de la persona.")
        )


class PersonNotFound(NotFound):
    code = "person_not_found"

    def __init__(self) -> None:
        super().__init__(N_("No encontramos a esta persona."))


@dataclass(frozen=True)
class Look:
    """Somebody looks at a person: what is written down about it."""

    id: str
    at: datetime
    account_id: str
    role: str
    organization_id: str | None
    purpose: str


def contacts_for_messages(
    conn: Connection, vault: Vault, *, person_ids: Sequence[str], look: Look, new_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """How each person may be reached by an automated message, with consent checked now. A person who may not be
    reached is answered without a number; one we do not know is left out. Every look is written down."""
    found = store.contacts_of(conn, vault, person_ids)
    answers = [_contact_answer(found[one]) for one in person_ids if one in found]
    notes = [
        _note(look, identifier, answer["person_id"], answer["contact_allowed"])
        for identifier, answer in zip(new_ids, answers, strict=False)
    ]
    store.note_access(conn, notes)
    return answers


def _contact_answer(contact: Contact) -> dict[str, Any]:
    refused = why_not_message(contact)
    if refused is not None:
        return {
            "person_id": contact.person_id,
            "contact_allowed": False,
            "reason": refused,
            "age_band": contact.age_band,
            "safe_days": [],
            "sensitive_ok": False,
            **dict.fromkeys(
                ("channel", "phone", "owner", "safe_hours", "timezone", "language", "neutral_name"), None
            ),
        }
    kept = asdict(contact)
    kept["contact_allowed"], kept["reason"] = True, None
    return kept


def why_not_message(contact: Contact) -> str | None:
    """Why no automated message may go out, coded; None when one may."""
    if contact.phone is None:
        return "no_safe_contact"
    if not contact.consented:
        return "no_consent"
    if contact.opted_out:
        return "opted_out"
    if contact.never:
        return "never"
    if contact.restricted and not contact.sensitive_ok:
        return "sensitive"
    return None


def shared_view(
    conn: Connection, vault: Vault, *, person_id: str, need_id: str, look: Look
) -> dict[str, Any] | None:
    """What the organization in `look` may know of the person for that need; None when consent does not cover it, for
    any reason. The look is written down either way: commit before refusing."""
    need = store.shared_need(conn, person_id=person_id, need_id=need_id)
    allowed = (
        need is not None
        and need.refer
        and need.shared
        and look.organization_id is not None
        and look.organization_id not in need.withheld_from
    )
    store.note_access(conn, [_note(look, look.id, person_id, allowed)])
    if not allowed or need is None:
        return None
    return {"need_id": need_id, **_identity(conn, vault, person_id, sensitivity.is_restricted(need.code))}


def reveal(conn: Connection, vault: Vault, *, viewer: Viewer, case_id: str, look: Look) -> dict[str, Any]:
    """Who the person of a case is, for the organization that made it; with a restricted need, for its author alone.
    Raises CaseNotFound, NotForColleagues."""
    view = show_case(conn, viewer=viewer, case_id=case_id)
    if not all(one.visible for one in view.needs):
        raise NotForColleagues
    store.note_access(conn, [_note(look, look.id, view.case.person_id, True)])
    return _identity(conn, vault, view.case.person_id, restricted=False)


def _identity(conn: Connection, vault: Vault, person_id: str, restricted: bool) -> dict[str, Any]:
    """`restricted`: a call by itself may be a danger, unless the person said that it is not."""
    profile = store.profile_of(conn, vault, person_id)
    if profile is None:
        raise PersonNotFound
    contact = store.contacts_of(conn, vault, [person_id])[person_id]
    reason = _why_not_call(contact, restricted)
    shown = contact if reason is None else None
    return {
        "person_id": person_id,
        "name": profile.name,
        "age_band": profile.age_band,
        "gender": profile.gender,
        "languages": profile.languages,
        "accessibility": profile.accessibility,
        "phone": shown.phone if shown else None,
        "phone_reason": reason,
        "phone_owner": shown.owner if shown else None,
        "channel": shown.channel if shown else None,
        "neutral_name": shown.neutral_name if shown else None,
        "safe_days": shown.safe_days if shown else [],
        "safe_hours": shown.safe_hours if shown else None,
        "timezone": shown.timezone if shown else None,
    }


def _why_not_call(contact: Contact, restricted: bool) -> str | None:
    """A human may call where a machine may not write (an opt-out is from messages), but not without consent."""
    if contact.phone is None:
        return "no_safe_contact"
    if not contact.consented:
        return "no_consent"
    return "sensitive" if restricted and not contact.sensitive_ok else None


def withdraw(
    conn: Connection, *, viewer: Viewer, case_id: str, scope: str, now: datetime
) -> tuple[str, list[str]]:
    """Take a permission back for the person of a case, in all their cases, and tell the other services. Returns the
    person and the cases that changed; repeating changes nothing and tells nobody. Raises CaseNotFound."""
    case = find_visible(conn, viewer=viewer, case_id=case_id)
    changed = store.withdraw(conn, person_id=case.person_id, columns=COLUMNS[scope], now=now)
    if changed:
        number = store.next_withdrawal(conn, case.person_id)
        fact = ConsentWithdrawn(
            seq=number,
            sensitivity="S2",
            priority=0,
            person_id=case.person_id,
            scope=scope,
            assessment_ids=changed,
        )
        bus.publish(conn, [fact], now=now)
    return case.person_id, changed


def _note(look: Look, identifier: str, person_id: str, granted: bool) -> dict[str, Any]:
    return {
        **asdict(look),
        "id": identifier,
        "at": look.at.isoformat(),
        "person_id": person_id,
        "granted": granted,
    }
