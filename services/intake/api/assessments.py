"""Take one assessment in."""

from __future__ import annotations

import json

from flask import Response, g, request

from services.intake.api.answers import accepted
from services.intake.api.bodies import documented, read_document
from services.intake.api.context import admit, edge, sender, vault
from services.intake.api.refusals import BODY, SIGNED_IN, refuses
from services.intake.operations.gathering import Submissions
from services.intake.operations.submitting import Accepted, prepare
from services.intake.schemas.answers import AssessmentAnswerSchema
from services.intake.schemas.assessment import AssessmentSchema
from shared.web import ApiBlueprint, allow, resource

blueprint = ApiBlueprint("assessments", __name__, description="Assessments in")

LOCATION = {"Location": {"description": "Where the case and its journey are", "schema": {"type": "string"}}}


@blueprint.post("/assessments")
@blueprint.doc(requestBody=documented(AssessmentSchema))
@blueprint.response(201, AssessmentAnswerSchema, description="Stored", headers=LOCATION)
@blueprint.alt_response(
    200, schema=AssessmentAnswerSchema, description="Stored before, with the same content", headers=LOCATION
)
@refuses(blueprint, *SIGNED_IN, 409, *BODY, 503)
@allow("focal_point")
def post_assessment() -> Response:
    """Send one assessment. Safe to repeat with the same `id` and content."""
    incoming = prepare(read_document(), sender(), edge(), vault())
    admit(incoming)
    submissions: Submissions = resource("submissions")
    return _respond(submissions.submit(incoming, correlation_id=g.correlation_id))


def _respond(answer: Accepted) -> Response:
    body = json.dumps(accepted(answer))
    response = Response(body, 201 if answer.is_new else 200, content_type="application/json")
    response.headers["Location"] = f"{request.path}/{answer.id}"
    return response
