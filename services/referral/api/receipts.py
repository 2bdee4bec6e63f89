"""Why this, why not that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.referral.api.context import SIGNED_IN, refuses, router, who
from services.referral.operations import rederiving, showing
from services.referral.operations.showing import Reading
from services.referral.schemas.answers import DecidedAnswerSchema, ReceiptTextSchema, VerificationSchema
from services.referral.schemas.requests import AsOfSchema, ReceiptSchema
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


@blueprint.get("/receipts/<uuid:receipt_id>/verification")
@blueprint.response(200, VerificationSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("coordinator")
def get_verification(receipt_id: str) -> dict[str, Any]:
    """Derive the receipt of a referral or gap again, from the rules and the directory of its versions, and compare the
    bytes. Says nothing of what is in it."""
    with engine().connect() as conn:
        return asdict(rederiving.verify(conn, router(), receipt_id))


@blueprint.get("/assessments/<uuid:assessment_id>/decision")
@blueprint.arguments(AsOfSchema, location="query")
@blueprint.response(200, DecidedAnswerSchema)
@refuses(blueprint, *SIGNED_IN, 404, 422)
@allow("focal_point", "coordinator")
def get_decision(args: dict[str, Any], assessment_id: str) -> dict[str, Any]:
    """How this case would have been decided at another moment: by the rules in force and the directory of then. Nothing
    is written, nobody is asked."""
    with engine().connect() as conn:
        return rederiving.shown_as_of(conn, router(), who(), assessment_id, args["at"])
