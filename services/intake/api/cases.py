"""Cases and their journeys: read, take permissions back, report what came of it."""

from __future__ import annotations

from typing import Any

from services.intake.api.answers import full, summary
from services.intake.api.bodies import documented, read_body
from services.intake.api.context import cursor_of, edge, look, transaction, vault, viewer
from services.intake.api.refusals import BODY, SIGNED_IN, refuses
from services.intake.operations import protecting, reporting, showing
from services.intake.schemas.answers import (
    CasePageSchema,
    CaseSchema,
    IdentitySchema,
    OutcomeReportedSchema,
    WithdrawalAnswerSchema,
)
from services.intake.schemas.requests import OutcomeSchema, WithdrawalSchema
from services.intake.store.cases import Page
from shared.clock import rfc3339
from shared.errors import Forbidden
from shared.web import ApiBlueprint, PageArgs, allow, engine, page

blueprint = ApiBlueprint("cases", __name__, description="Cases and their journeys")


@blueprint.get("/assessments")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, CasePageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("focal_point", "coordinator")
def list_assessments(args: dict[str, Any]) -> dict[str, Any]:
    """Cases, newest first: a focal point's own organization's; for a coordinator all, without restricted needs.
    Never a name."""
    limit = args["limit"]
    who = viewer()
    if not who.is_coordinator and who.organization_id is None:
        raise Forbidden("Su cuenta no pertenece a ninguna organización.", code="no_organization")
    organization_id = None if who.is_coordinator else who.organization_id
    wanted = Page(organization_id, limit, cursor_of(args["after"]))
    with engine().connect() as conn:
        views = showing.list_cases(conn, viewer=who, wanted=wanted)
    shown: dict[str, Any] = page(
        views, limit=limit, key=lambda one: (rfc3339(one.case.received_at), one.case.id)
    )
    return {"items": [summary(view) for view in shown["items"]], "next": shown["next"]}


@blueprint.get("/assessments/<uuid:assessment_id>")
@blueprint.response(200, CaseSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("focal_point", "coordinator")
def get_assessment(assessment_id: str) -> dict[str, Any]:
    """A case: each need with its referrals and their status, gaps and outcomes, the messages and calls about it."""
    with engine().connect() as conn:
        return full(showing.show_case(conn, viewer=viewer(), case_id=assessment_id))


@blueprint.get("/assessments/<uuid:assessment_id>/person")
@blueprint.response(200, IdentitySchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("focal_point")
def get_person(assessment_id: str) -> dict[str, Any]:
    """Who the person is and how to reach them safely, for the organization that made the case. Looking is written
    down."""
    with transaction() as conn:
        return protecting.reveal(conn, vault(), viewer=viewer(), case_id=assessment_id, look=look("case"))


@blueprint.post("/assessments/<uuid:assessment_id>/withdraw-consent")
@blueprint.doc(requestBody=documented(WithdrawalSchema))
@blueprint.response(200, WithdrawalAnswerSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("focal_point")
def withdraw_consent(assessment_id: str) -> dict[str, Any]:
    """The person takes back a permission (`share`, `contact`, `all`), in all their cases. Repeating changes nothing."""
    body = read_body(WithdrawalSchema)
    with transaction() as conn:
        person_id, changed = protecting.withdraw(
            conn, viewer=viewer(), case_id=assessment_id, scope=body["scope"], now=edge().now
        )
    return {"person_id": person_id, "scope": body["scope"], "assessment_ids": changed}


@blueprint.post("/assessments/<uuid:assessment_id>/outcomes")
@blueprint.doc(requestBody=documented(OutcomeSchema))
@blueprint.response(201, OutcomeReportedSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("focal_point")
def post_outcome(assessment_id: str) -> dict[str, Any]:
    """Report what became of a referral. Safe to repeat with the same `id`."""
    body = read_body(OutcomeSchema)
    report = reporting.Report(body["id"], body["referral_id"], body["outcome"])
    with transaction() as conn:
        reporting.report_outcome(conn, viewer=viewer(), case_id=assessment_id, report=report, now=edge().now)
    return {"id": report.id, "referral_id": report.referral_id, "outcome": report.outcome}


@blueprint.post("/assessments/<uuid:assessment_id>/calls/<uuid:call_id>/done")
@blueprint.response(204)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("focal_point")
def finish_call(assessment_id: str, call_id: str) -> None:
    """A call was made."""
    with transaction() as conn:
        reporting.finish_call(conn, viewer=viewer(), case_id=assessment_id, call_id=call_id, now=edge().now)
