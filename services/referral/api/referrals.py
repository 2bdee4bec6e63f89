"""Referrals: lists, one, its history, the person behind it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from structlog.contextvars import get_contextvars

from services.referral.api.context import SIGNED_IN, intake, refuses, who
from services.referral.clients.intake import IntakeAway
from services.referral.domain.status import SHARED_WITH_PROVIDER, Party
from services.referral.domain.visibility import view
from services.referral.operations import showing
from services.referral.operations.steps import get_visible
from services.referral.schemas.answers import HistorySchema, PersonSchema, ReferralPageSchema, ReferralSchema
from services.referral.schemas.requests import ReferralsSchema
from services.referral.store import lists
from services.referral.store import referrals as store
from services.referral.store.lists import Filters
from shared.errors import Conflict, Invalid, Unavailable
from shared.ids import is_id
from shared.web import ApiBlueprint, allow, decode_cursor, engine, page

blueprint = ApiBlueprint("referrals", __name__, description="Referrals and their steps")


@blueprint.get("/referrals")
@blueprint.arguments(ReferralsSchema, location="query")
@blueprint.response(200, ReferralPageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("provider", "focal_point", "coordinator")
def list_referrals(args: dict[str, Any]) -> dict[str, Any]:
    """Referrals, newest first: a provider's own organization was asked, a focal point's own organization made, or all
    (codes only) for a coordinator."""
    caller = who()
    filters = Filters(
        (args["status"],) if args["status"] else None, args["assessment_id"], args["escalated_to"]
    )
    with engine().connect() as conn:
        found = lists.referrals(
            conn, showing.scope_of(caller), filters, after=cursor(args["after"]), limit=args["limit"]
        )
    shown = page(found, limit=args["limit"], key=lambda one: (one.id,))
    return {"items": [view(one, caller.party) for one in shown["items"]], "next": shown["next"]}


def cursor(text: str | None) -> str | None:
    """The id behind which a list goes on. Raises Invalid for a cursor that is none of ours."""
    key = decode_cursor(text, size=1)
    if key is None:
        return None
    if not is_id(key[0]):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return str(key[0])


@blueprint.get("/referrals/<uuid:referral_id>")
@blueprint.response(200, ReferralSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("provider", "focal_point", "coordinator")
def get_referral(referral_id: str) -> dict[str, Any]:
    """One referral, with the steps the caller may take now."""
    caller = who()
    with engine().connect() as conn:
        return view(get_visible(conn, caller, referral_id), caller.party)


@blueprint.get("/referrals/<uuid:referral_id>/steps")
@blueprint.response(200, HistorySchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("provider", "focal_point", "coordinator")
def get_steps(referral_id: str) -> dict[str, Any]:
    """Every step that was taken, first to last. Notes stay between the two organizations."""
    caller = who()
    with engine().connect() as conn:
        referral = get_visible(conn, caller, referral_id)
        taken = [asdict(one) for one in store.steps(conn, referral.id)]
    if caller.party is Party.COORDINATOR:
        taken = [{**one, "note": None} for one in taken]
    return {"steps": taken}


@blueprint.get("/referrals/<uuid:referral_id>/person")
@blueprint.response(200, PersonSchema)
@refuses(blueprint, *SIGNED_IN, 404, 409, 503)
@allow("provider")
def get_person(referral_id: str) -> dict[str, Any]:
    """Who the person is, after the provider accepted; the intake service checks consent at this moment and writes the
    look down. `available` is false when consent does not cover it any more."""
    caller = who()
    with engine().connect() as conn:
        referral = get_visible(conn, caller, referral_id)
    if referral.status not in SHARED_WITH_PROVIDER:
        raise Conflict("Primero acepte la derivación.", code="not_accepted", extra={"allowed": ["accept"]})
    try:
        person = intake().shared_view(
            person_id=referral.person_id,
            need_id=referral.need_id,
            organization_id=referral.organization_id,
            correlation_id=get_contextvars().get("correlation_id"),
        )
    except IntakeAway as error:
        raise Unavailable("Por ahora no se pueden ver los datos de la persona.", retry_after=10) from error
    return {"available": False} if person is None else {"available": True, **asdict(person)}
