"""Take up to 1,000 assessments in, as NDJSON: good lines are kept, bad ones reported by line and field."""

from __future__ import annotations

import json
from collections import Counter
from io import BufferedReader, RawIOBase
from typing import Any, cast

from flask import Response, request

from services.intake.api.answers import needs
from services.intake.api.context import admit, edge, sender, transaction, vault
from services.intake.api.refusals import SIGNED_IN, refuses
from services.intake.operations.batching import Desk, Line, LineAnswer, submit_lines
from services.intake.operations.submitting import Accepted
from services.intake.schemas.answers import BatchAnswerSchema
from shared.errors import AppError
from shared.web import ApiBlueprint, allow, ndjson_lines, translate

MAX_LINES = 1000

blueprint = ApiBlueprint("batches", __name__, description="Assessments in, many at once")

LINES = {
    "required": True,
    "description": "One assessment per line, 1,000 lines at most, as in `POST /assessments`",
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
}


@blueprint.post("/assessments/batch")
@blueprint.doc(requestBody=LINES)
@blueprint.response(200, BatchAnswerSchema, description="What became of each line")
@refuses(blueprint, *SIGNED_IN, 413, 415, 503)
@allow("focal_point")
def post_batch() -> Response:
    """Send many assessments. Safe to repeat: lines stored before answer 200."""
    admit()
    desk = Desk(transaction, vault(), sender(), edge())
    request.stream = BufferedReader(cast(RawIOBase, request.stream))  # by itself it is read byte by byte
    lines = [Line(number, document) for number, document in ndjson_lines(max_lines=MAX_LINES)]
    shown = [line_answer(answer) for chunk in submit_lines(desk, lines) for answer in chunk]
    told = Counter(one["status"] for one in shown)
    kept = {"stored": told.pop(201, 0), "repeated": told.pop(200, 0)}
    answer = {**kept, "refused": told.total(), "lines": shown}
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json")


def line_answer(line: LineAnswer) -> dict[str, Any]:
    """One line of the answer, refusals in the caller's language."""
    if isinstance(line.answer, Accepted):
        return {
            "line": line.number,
            "status": 201 if line.answer.is_new else 200,
            "id": line.id,
            "needs": needs(line.answer),
        }
    error: AppError = line.answer
    errors = [
        {"field": field, "code": one.code, "message": translate(one.message, one.params)}
        for field, found in error.fields.items()
        for one in found
    ]
    if not errors:
        errors = [{"field": "id", "code": error.code, "message": translate(error.message, error.params)}]
    return {"line": line.number, "status": error.status, "id": line.id, "code": error.code, "errors": errors}
