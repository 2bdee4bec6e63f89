"""A case: the journey of each need, whom to call, what was said, what was agreed to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.intake.api.context import edge, look, transaction, vault, viewer
from services.intake.clients.directory import Directory
from services.intake.domain.findings import Findings
from services.intake.operations import protecting, reporting, showing
from services.intake.pages import words
from services.intake.schemas.documents import load
from services.intake.schemas.requests import OutcomeSchema, WithdrawalSchema
from services.intake.store import persons as store
from shared.errors import Invalid
from shared.ids import new_id
from shared.web import N_, allow, engine, resource, translate

blueprint = Blueprint("case_page", __name__)

THANKS = N_("Resultado guardado. Gracias.")
CALLED = N_("Llamada anotada como hecha.")
WITHDRAWN = N_("Se retiró el permiso. Avisamos a quienes tenían el caso.")
UNCHANGED = N_("Ese permiso ya estaba retirado.")


@blueprint.get("/cases/<uuid:case_id>")
@allow("focal_point")
def show_case(case_id: str) -> str:
    """A case, without who the person is."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/person")
@allow("focal_point")
def reveal(case_id: str) -> str:
    """The same page with who the person is. Looking is written down."""
    with transaction() as conn:
        person = protecting.reveal(conn, vault(), viewer=viewer(), case_id=case_id, look=look("case"))
    return _page(case_id, person=person)


@blueprint.post("/cases/<uuid:case_id>/outcomes")
@allow("focal_point")
def report_outcome(case_id: str) -> Response:
    """What became of a referral. The form carries its own id, so sending twice counts once."""
    data = _form(OutcomeSchema, "id", "referral_id", "outcome")
    report = reporting.Report(data["id"], data["referral_id"], data["outcome"])
    with transaction() as conn:
        reporting.report_outcome(conn, viewer=viewer(), case_id=case_id, report=report, now=edge().now)
    return _back(case_id, THANKS)


@blueprint.post("/cases/<uuid:case_id>/calls/<uuid:call_id>/done")
@allow("focal_point")
def finish_call(case_id: str, call_id: str) -> Response:
    """A call was made."""
    with transaction() as conn:
        reporting.finish_call(conn, viewer=viewer(), case_id=case_id, call_id=call_id, now=edge().now)
    return _back(case_id, CALLED)


@blueprint.post("/cases/<uuid:case_id>/withdraw-consent")
@allow("focal_point")
def withdraw_consent(case_id: str) -> Response:
    """The person takes a permission back."""
    data = _form(WithdrawalSchema, "scope")
    with transaction() as conn:
        _, changed = protecting.withdraw(
            conn, viewer=viewer(), case_id=case_id, scope=data["scope"], now=edge().now
        )
    return _back(case_id, WITHDRAWN if changed else UNCHANGED)


def _form(schema: Any, *names: str) -> dict[str, Any]:
    """The named inputs of the form through `schema`. Raises Invalid."""
    findings = Findings()
    data = load(schema(), {name: request.form[name] for name in names if request.form.get(name)}, findings)
    if findings:
        raise Invalid("Hay datos por corregir.", fields=findings.fields)
    return data


def _back(case_id: str, said: str) -> Response:
    flash(translate(said), "success")
    return redirect(f"/intake/cases/{case_id}", 303)


def _page(case_id: str, person: dict[str, Any] | None = None) -> str:
    with engine().connect() as conn:
        view = showing.show_case(conn, viewer=viewer(), case_id=case_id)
        may_reveal = all(one.visible for one in view.needs)
        looks = store.accesses_of(conn, view.case.person_id) if may_reveal else []
    directory: Directory = resource("directory")
    return render_template(
        "case.html",
        view=view,
        case=view.case,
        person=person,
        may_reveal=may_reveal,
        looks=looks,
        names=directory.names(),
        outcomes=words.choices("outcomes"),
        new_id=new_id,
        words=words,
    )
