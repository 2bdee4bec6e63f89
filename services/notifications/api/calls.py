"""Calls: what a human has to do because no machine may."""

from __future__ import annotations

from typing import Any

from services.notifications.api.context import BODY, SIGNED_IN, cursor, reader, refuses, transaction
from services.notifications.operations import calling
from services.notifications.schemas.answers import CallPageSchema
from services.notifications.schemas.requests import CloseCallSchema
from services.notifications.store import calls
from shared.clock import rfc3339, utc_now
from shared.web import ApiBlueprint, PageArgs, allow, engine, page

blueprint = ApiBlueprint("calls", __name__, description="Calls that people have to make")


@blueprint.get("/calls")
@blueprint.arguments(PageArgs(), location="query")
@blueprint.response(200, CallPageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("focal_point", "provider", "coordinator")
def list_calls(args: dict[str, Any]) -> dict[str, Any]:
    """Open calls by due time: a focal point's own; those of a provider's organization; for a coordinator all but those
    about restricted needs."""
    limit = args["limit"]
    with engine().connect() as conn:
        rows = calls.list_open(conn, reader(), after=cursor(args["after"]), limit=limit)
    shown = page(rows, limit=limit, key=lambda row: (rfc3339(row.due_at), row.id))
    return shown | {"items": [calling.describe(row, reader()) for row in shown["items"]]}


@blueprint.post("/calls/<uuid:call_id>/close")
@blueprint.arguments(CloseCallSchema())
@blueprint.response(204)
@refuses(blueprint, *SIGNED_IN, 404, 409, *BODY)
@allow("focal_point", "provider", "coordinator")
def close_call(body: dict[str, Any], call_id: str) -> None:
    """A call was made, or is no longer needed. When a provider hands it on or got no answer, the focal point calls."""
    with transaction() as conn:
        calling.close_call(conn, reader(), call_id, answer=body, now=utc_now())
