"""What the coordinator looks at first: clocks that ran out, and needs that nobody could meet."""

from __future__ import annotations

from typing import Any

from services.referral.api.context import BODY, SIGNED_IN, refuses, transaction, who
from services.referral.api.referrals import cursor
from services.referral.domain.status import Party
from services.referral.domain.visibility import view
from services.referral.operations import reopening
from services.referral.schemas.answers import ClocksAnswerSchema, GapPageSchema, GapSchema
from services.referral.schemas.requests import ClocksSchema, CloseGapSchema, GapsSchema
from services.referral.store import ledger, lists
from shared.clock import utc_now
from shared.ids import short_code
from shared.web import ApiBlueprint, allow, engine, page

blueprint = ApiBlueprint("gaps", __name__, description="Open clocks and gaps")


@blueprint.get("/clocks")
@blueprint.arguments(ClocksSchema, location="query")
@blueprint.response(200, ClocksAnswerSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("coordinator")
def list_clocks(args: dict[str, Any]) -> dict[str, Any]:
    """Referrals that wait for the coordinator because a clock ran out, worst first."""
    with engine().connect() as conn:
        found = lists.exceptions(conn, limit=args["limit"])
    return {"items": [view(one, Party.COORDINATOR) for one in found]}


@blueprint.get("/gaps")
@blueprint.arguments(GapsSchema, location="query")
@blueprint.response(200, GapPageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("coordinator")
def list_gaps(args: dict[str, Any]) -> dict[str, Any]:
    """Needs for which nobody reachable could be asked, newest first. The kind of help is null where it would reveal a
    restricted need."""
    with engine().connect() as conn:
        found = ledger.gaps(conn, open_only=args["open"], after=cursor(args["after"]), limit=args["limit"])
    shown = page(found, limit=args["limit"], key=lambda one: (one["id"],))
    return {"items": [shown_gap(one) for one in shown["items"]], "next": shown["next"]}


@blueprint.post("/gaps/<uuid:gap_id>/close")
@blueprint.arguments(CloseGapSchema)
@blueprint.response(200, GapSchema)
@refuses(blueprint, *SIGNED_IN, 404, 409, *BODY)
@allow("coordinator")
def close_gap(body: dict[str, Any], gap_id: str) -> dict[str, Any]:
    """Decide that nothing more is asked for a need, with a coded reason. It stays in the ledger, closed."""
    with transaction() as conn:
        reopening.close_gap(conn, who(), gap_id, reason=body["reason"], now=utc_now())
        return shown_gap(ledger.gap(conn, gap_id))


def shown_gap(gap: dict[str, Any]) -> dict[str, Any]:
    """The gap as a coordinator may read it."""
    restricted = gap["sensitivity"] == "S3"
    return {
        **gap,
        "code": short_code(gap["assessment_id"]),
        "service_type": None if restricted else gap["service_type"] or None,
    }
