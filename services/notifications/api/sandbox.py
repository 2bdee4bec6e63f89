"""The sandbox as JSON: read what would have been sent, answer as the person. Only where the channel is `sandbox`."""

from __future__ import annotations

from typing import Any

from services.notifications.api.context import (
    BODY,
    SIGNED_IN,
    cursor,
    doorbell,
    refuses,
    seals,
    settings,
    transaction,
)
from services.notifications.operations import playing
from services.notifications.schemas.answers import AcceptedSchema, SandboxPageSchema
from services.notifications.schemas.requests import ReplySchema
from services.notifications.store import reading
from shared.clock import rfc3339, utc_now
from shared.errors import NotFound
from shared.web import ApiBlueprint, PageArgs, allow, engine, page

blueprint = ApiBlueprint(
    "sandbox", __name__, description="Messages of the demonstration", url_prefix="/sandbox"
)


class NoSandbox(NotFound):
    code = "no_sandbox"

    def __init__(self) -> None:
        super().__init__("Aquí los mensajes van a teléfonos de verdad.")


def require_sandbox() -> None:
    """Raises NotFound where messages go to real phones."""
    if not settings().has_sandbox:
        raise NoSandbox


@blueprint.get("/messages")
@blueprint.arguments(PageArgs(), location="query")
@blueprint.response(200, SandboxPageSchema)
@refuses(blueprint, *SIGNED_IN, 404, 422)
@allow("focal_point", "provider", "coordinator", "admin")
def list_messages(args: dict[str, Any]) -> dict[str, Any]:
    """What phones would show, newest first."""
    require_sandbox()
    limit = args["limit"]
    with engine().connect() as conn:
        rows = reading.sandbox(conn, after=cursor(args["after"]), limit=limit)
    return page(rows, limit=limit, key=lambda row: (rfc3339(row.at), row.id))


@blueprint.post("/messages/<uuid:message_id>/reply")
@blueprint.arguments(ReplySchema())
@blueprint.response(202, AcceptedSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("focal_point", "provider", "coordinator", "admin")
def reply(body: dict[str, Any], message_id: str) -> dict[str, Any]:
    """Answer as the person whose phone got the message."""
    require_sandbox()
    with transaction() as conn:
        playing.reply(conn, seals(), message_id, body["text"], now=utc_now())
    doorbell().ring("notifications.answer")
    return {"status": "accepted"}
