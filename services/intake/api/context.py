"""What every view needs: who calls, on whose behalf, and the vault."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy import Connection

from services.intake.domain.consent_rules import Schedule
from services.intake.domain.visibility import Viewer
from services.intake.operations.consent_rules import ConsentRules
from services.intake.operations.protecting import Look
from services.intake.operations.submitting import Sender
from services.intake.schemas.reading import Edge
from services.intake.store.rows import Incoming
from services.intake.store.sealing import Vault
from shared import bus
from shared.clock import parse_time, utc_now
from shared.errors import Forbidden, Invalid
from shared.events import LAST_URGENT
from shared.ids import is_id, new_id
from shared.web import current_actor, decode_cursor, engine, resource


def vault() -> Vault:
    """The vault of this process."""
    made: Vault = resource("vault")
    return made


def transaction() -> AbstractContextManager[Connection]:
    """One transaction; doorbells ring after its commit."""
    return bus.transaction(engine(), resource("doorbell"))


def edge() -> Edge:
    """The time now, new ids, and the rules of consent."""
    return Edge(utc_now(), new_id, consent_rules())


def consent_rules() -> Schedule:
    """Which rules of consent count when, as this process knows it."""
    known: ConsentRules = resource("consent_rules")
    return known.schedule()


def viewer() -> Viewer:
    """Who looks."""
    actor = current_actor()
    return Viewer(actor.account_id, actor.role, actor.organization_id)


def sender() -> Sender:
    """On whose behalf an assessment comes in. Raises Forbidden for an account without an organization."""
    actor = current_actor()
    if actor.organization_id is None:
        raise Forbidden(
            "Su cuenta no pertenece a ninguna organización, y una atención necesita una.",
            code="no_organization",
        )
    return Sender(actor.organization_id, actor.account_id)


def admit(incoming: Incoming | None = None) -> None:
    """Raises Overloaded while what stands behind is too far behind: better to wait outside than to be promised what
    comes late. An assessment that sounds urgent may come in longer than others, and than many at once."""
    urgent = incoming is not None and incoming.assessment.priority_hint() <= LAST_URGENT
    for pressure in resource("pressures"):
        pressure.admit(urgent=urgent)


def look(purpose: str, organization_id: str | None = None) -> Look:
    """What is written down when the caller looks at a person; for `organization_id`, else for their own."""
    actor = current_actor()
    return Look(
        id=new_id(),
        at=utc_now(),
        account_id=actor.account_id,
        role=actor.role,
        organization_id=organization_id or actor.organization_id,
        purpose=purpose,
    )


def cursor_of(cursor: str | None) -> tuple[str, str] | None:
    """The sort key of the last case shown. Raises Invalid for a cursor that is none of ours."""
    key = decode_cursor(cursor, size=2)
    if key is None:
        return None
    received, case_id = (str(part) for part in key)
    if not is_id(case_id) or not is_time(received):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return received, case_id


def is_time(text: str) -> bool:
    """Whether `text` is a time with an offset."""
    try:
        parse_time(text)
    except ValueError:
        return False
    return True
