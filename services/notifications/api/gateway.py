"""What Kannel calls: delivery reports and incoming messages, behind a secret in the path, because it signs nothing.

Kept at once, understood later by the worker. What comes back is empty: Kannel sends every answer on as an SMS.
"""

from __future__ import annotations

import hmac
from typing import Any, Final

from flask import Response, request

from services.notifications.api.context import (
    doorbell,
    refuses,
    reports,
    seals,
    settings,
    settle_bell,
    transaction,
)
from services.notifications.operations import answering
from services.notifications.operations.answering import Incoming
from services.notifications.operations.reporting import Report
from services.notifications.schemas.requests import InboundQuerySchema, ReportQuerySchema
from services.notifications.settings import MIN_SECRET
from shared import logs
from shared.clock import utc_now
from shared.errors import Unauthorized
from shared.web import ApiBlueprint, public

blueprint = ApiBlueprint("kannel", __name__, description="For the SMS gateway", url_prefix="/kannel")
log = logs.get(__name__)

CODES: Final = {str(code): code for code in range(1, 64)}
"""A report's code as Kannel writes it. There is one report for each message, so the schema is asked only about what is
none of these."""


def check_secret(given: str) -> None:
    """Raises Unauthorized unless `given` is our secret, and one is set."""
    secret = settings().kannel_dlr_secret
    if len(secret) < MIN_SECRET or not hmac.compare_digest(given.encode(), secret.encode()):
        log.warning("gateway call with a wrong secret")
        raise Unauthorized("La dirección no es válida.", code="wrong_secret")


@blueprint.get("/<string:secret>/reports/<uuid:delivery_id>")
@blueprint.doc(parameters=[{"in": "query", "schema": ReportQuerySchema}])
@blueprint.response(200, description="Kept; empty")
@refuses(blueprint, 401, 422)
@public
def take_report(secret: str, delivery_id: str) -> Response:
    """A delivery report: 1 delivered, 2 not delivered, 16 refused by the SMS centre; others are kept and ignored."""
    check_secret(secret)
    code = CODES.get(request.args.get("code", "")) or ReportQuerySchema().load(request.args)["code"]
    reports().do(Report(delivery_id, code))
    settle_bell().ring()
    return Response(status=200, content_type="text/plain")


@blueprint.get("/<string:secret>/inbound")
@blueprint.arguments(InboundQuerySchema(), location="query")
@blueprint.response(200, description="Kept; empty")
@refuses(blueprint, 401, 422)
@public
def take_message(args: dict[str, Any], secret: str) -> Response:
    """An incoming SMS. The same message twice is kept once."""
    check_secret(secret)
    incoming = Incoming("kannel", args["id"], tuple(seals().indexes(args["sender"])), args["text"])
    with transaction() as conn:
        answering.receive(conn, seals(), incoming, now=utc_now())
    doorbell().ring("notifications.answer")
    return Response(status=200, content_type="text/plain")
