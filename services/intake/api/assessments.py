"""Take one assessment in."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request, url_for
from werkzeug.exceptions import UnsupportedMediaType

from services.intake.api.answers import accepted
from services.intake.api.context import edge, sender, transaction, vault
from services.intake.domain.findings import Findings
from services.intake.domain.sentences import N_
from services.intake.operations.submitting import Accepted, prepare, submit
from services.intake.schemas.answers import AssessmentAnswerSchema
from services.intake.schemas.assessment import AssessmentSchema
from services.intake.schemas.documents import MAX_DOCUMENT, parse
from shared.errors import AppError, TooLarge
from shared.web import ApiBlueprint, allow
from shared.web.problems import ProblemSchema

blueprint = ApiBlueprint("assessments", __name__, description="Assessments in")

BODY = {"required": True, "content": {"application/json": {"schema": AssessmentSchema}}}
LOCATION = {"Location": {"description": "Where the case and its journey are", "schema": {"type": "string"}}}


@blueprint.post("/assessments")
@blueprint.doc(requestBody=BODY)
@blueprint.response(201, AssessmentAnswerSchema, description="Stored", headers=LOCATION)
@blueprint.alt_response(
    200, schema=AssessmentAnswerSchema, description="Stored before, with the same content"
)
@blueprint.alt_response(400, schema=ProblemSchema, description="Not JSON")
@blueprint.alt_response(401, schema=ProblemSchema, description="Nobody signed in")
@blueprint.alt_response(
    403, schema=ProblemSchema, description="Not a focal point, or one without organization"
)
@blueprint.alt_response(409, schema=ProblemSchema, description="The id is in use with other content")
@blueprint.alt_response(413, schema=ProblemSchema, description="Larger than 256 KB")
@blueprint.alt_response(415, schema=ProblemSchema, description="Not application/json")
@blueprint.alt_response(
    422, schema=ProblemSchema, description="Something is wrong; `errors` says what, by field"
)
@allow("focal_point")
def post_assessment() -> Response:
    """Send one assessment. Safe to repeat with the same `id` and content."""
    incoming = prepare(_document(), sender(), edge(), vault())
    with transaction() as conn:
        answer = submit(conn, vault(), [incoming], now=edge().now)[incoming.assessment.id]
    if not isinstance(answer, Accepted):
        raise answer
    return _respond(answer)


def _document() -> Any:
    """The JSON body. Raises 415, TooLarge, or Invalid with the place where it stops being JSON."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    data = request.get_data(cache=False)
    if len(data) > MAX_DOCUMENT:
        raise TooLarge("Lo enviado es demasiado grande.", extra={"max_bytes": MAX_DOCUMENT})
    findings = Findings()
    document = parse(data, findings)
    if findings:
        raise NotJson(findings)
    return document


class NotJson(AppError):
    status = 400
    code = "not_json"

    def __init__(self, findings: Findings) -> None:
        super().__init__(N_("La solicitud no se puede leer."), fields=findings.fields)


def _respond(answer: Accepted) -> Response:
    body = json.dumps(accepted(answer))
    response = Response(body, 201 if answer.is_new else 200, content_type="application/json")
    response.headers["Location"] = url_for("cases.get_assessment", assessment_id=answer.id)
    return response
