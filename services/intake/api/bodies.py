"""JSON bodies: read strictly, refused field by field in our own codes."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema
from werkzeug.exceptions import UnsupportedMediaType

from services.intake.domain.findings import Findings
from services.intake.domain.sentences import N_
from services.intake.schemas.documents import MAX_DOCUMENT, load, parse
from shared.errors import AppError, Invalid, TooLarge


class NotJson(AppError):
    status = 400
    code = "not_json"

    def __init__(self, findings: Findings) -> None:
        super().__init__(N_("La solicitud no se puede leer."), fields=findings.fields)


def documented(schema: type[Schema]) -> dict[str, Any]:
    """What OpenAPI says about a body of this schema."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def read_document() -> Any:
    """The JSON body as it was sent. Raises 415, TooLarge, or NotJson with the place where it stops being JSON."""
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


def read_body(schema: type[Schema]) -> dict[str, Any]:
    """The JSON body through `schema`. Raises as `read_document`, and Invalid with everything that is wrong."""
    findings = Findings()
    data = load(schema(), read_document(), findings)
    if findings:
        raise Invalid("Hay datos por corregir.", fields=findings.fields)
    return data
