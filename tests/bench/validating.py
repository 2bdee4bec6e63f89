"""What HTTP alone costs: Flask and marshmallow reading our own assessment under the same server, storing nothing.

`granian tests.bench.validating:application`; `POST /nothing` answers, `POST /validate` reads and checks first.
"""

from __future__ import annotations

from flask import Flask, request

from services.intake.domain.findings import Findings
from services.intake.schemas.assessment import AssessmentSchema
from services.intake.schemas.documents import load, parse

application = Flask(__name__)
schema = AssessmentSchema()


@application.post("/nothing")
def nothing() -> tuple[dict[str, bool], int]:
    request.get_data(cache=False)
    return {"ok": True}, 201


@application.post("/validate")
def validate() -> tuple[dict[str, bool], int]:
    findings = Findings()
    load(schema, parse(request.get_data(cache=False), findings), findings)
    return {"ok": not findings}, 422 if findings else 201
