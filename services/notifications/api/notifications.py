"""What was said about an assessment, and each attempt to say it."""

from __future__ import annotations

from typing import Any

from services.notifications.api.context import SIGNED_IN, cursor, reader, refuses
from services.notifications.operations import showing
from services.notifications.schemas.answers import DeliveriesSchema, NotificationPageSchema
from services.notifications.schemas.requests import NotificationQuerySchema
from services.notifications.store import reading
from shared.clock import rfc3339
from shared.web import ApiBlueprint, allow, engine, page

blueprint = ApiBlueprint("notifications", __name__, description="Messages and their attempts")


@blueprint.get("/notifications")
@blueprint.arguments(NotificationQuerySchema(), location="query")
@blueprint.response(200, NotificationPageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("focal_point", "coordinator")
def list_notifications(args: dict[str, Any]) -> dict[str, Any]:
    """Messages about an assessment, oldest first: a focal point's own cases; for a coordinator without restricted
    needs. Never a number."""
    limit = args["limit"]
    with engine().connect() as conn:
        rows = reading.notifications_of(
            conn, reader(), str(args["assessment_id"]), after=cursor(args["after"]), limit=limit
        )
    shown = page(rows, limit=limit, key=lambda row: (rfc3339(row.created_at), row.id))
    return {**shown, "items": [showing.describe(row) for row in shown["items"]]}


@blueprint.get("/notifications/<uuid:notification_id>/deliveries")
@blueprint.response(200, DeliveriesSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("focal_point", "coordinator")
def list_deliveries(notification_id: str) -> dict[str, Any]:
    """The attempts of a message, first to last."""
    with engine().connect() as conn:
        return {"items": showing.deliveries(conn, reader(), notification_id)}
