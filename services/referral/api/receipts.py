"""Why this, why not that."""

from __future__ import annotations

from typing import Any

from services.referral.api.context import SIGNED_IN, refuses, router, who
from services.referral.operations import showing
from services.referral.operations.showing import Reading
from services.referral.schemas.answers import ReceiptTextSchema
from services.referral.schemas.requests import ReceiptSchema
from shared.web import ApiBlueprint, allow, engine
from shared.web.catalog import language

blueprint = ApiBlueprint("receipts", __name__, description="Decision receipts")


@blueprint.get("/referrals/<uuid:referral_id>/receipt")
@blueprint.arguments(ReceiptSchema, location="query")
@blueprint.response(200, ReceiptTextSchema)
@refuses(blueprint, *SIGNED_IN, 404, 422)
@allow("focal_point", "coordinator")
def get_receipt(args: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Why this need went to this service, for a worker, the person or an auditor; with `service_id`, why not to that
    one."""
    reading = Reading(args["reader"], language(), args["service_id"])
    with engine().connect() as conn:
        return showing.read_receipt(conn, router(), who(), referral_id, reading=reading)


@blueprint.get("/gaps/<uuid:gap_id>/receipt")
@blueprint.arguments(ReceiptSchema, location="query")
@blueprint.response(200, ReceiptTextSchema)
@refuses(blueprint, *SIGNED_IN, 404, 422)
@allow("coordinator")
def get_gap_receipt(args: dict[str, Any], gap_id: str) -> dict[str, Any]:
    """Why nobody could be asked."""
    reading = Reading(args["reader"], language(), args["service_id"])
    with engine().connect() as conn:
        return showing.read_gap_receipt(conn, router(), gap_id, reading=reading)
