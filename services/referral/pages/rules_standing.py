"""The coordinator's page of what decides now: what is found about it, who answers for it, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response

from services.referral.api.context import router, transaction
from services.referral.domain.pathway_changes import RowChange
from services.referral.domain.watching import EXPIRES_SOON, Case
from services.referral.operations import proving, watching
from services.referral.operations.publishing import Asked
from services.referral.pages import words
from services.referral.schemas.rule_forms import ExemptForm, KeysForm, LeaveForm
from services.referral.store.watch import Left
from shared.clock import local_day, utc_now
from shared.errors import AppError
from shared.web import N_, allow, current_actor, engine, translate
from shared.web.catalog import language
from shared.web.forms import Form, read_form

blueprint = Blueprint("rules_standing", __name__)
DONE = {
    "ask": N_("La excepción espera que otra persona la confirme."),
    "confirm": N_("La excepción quedó confirmada."),
    "decline": N_("La excepción quedó sin efecto."),
    "look": N_("Quedó comprobado con el directorio de ahora."),
    "leave": N_("El lugar salió del plan."),
}


@blueprint.get("/rules/standing")
@allow("coordinator")
def show_standing() -> str:
    """What decides now, worst findings first."""
    return _page(Form())


@blueprint.post("/rules/standing/look")
@allow("coordinator")
def look_now() -> Response:
    """Look at the directory at once."""
    with transaction() as conn:
        watching.look(conn, router(), now=utc_now())
    return _done("look")


@blueprint.post("/rules/standing/leave")
@allow("coordinator")
def leave_place() -> Response | tuple[str, int]:
    """Ruta no longer works in a place where nobody offers anything."""
    form = read_form(LeaveForm())
    if not form.errors:
        try:
            with transaction() as conn:
                watching.leave(conn, Left(by=current_actor().account_id, at=utc_now(), **form.data))
        except AppError as error:
            form.refuse(error)
    return (_page(form), 422) if form.errors else _done("leave")


@blueprint.post("/rules/<uuid:version_id>/standing/<any('ask','confirm','decline'):name>")
@allow("coordinator", in_person=True)
def answer(version_id: str, name: str) -> Response | tuple[str, int]:
    """Ask for exemptions on the version in force; as another person, confirm or decline them."""
    form = read_form(ExemptForm() if name == "ask" else KeysForm())
    if not form.errors:
        data = dict(form.data)
        asked = Asked(version_id, data.pop("version"), current_actor().account_id, utc_now())
        take: Any = {"ask": watching.ask, "confirm": watching.confirm, "decline": watching.decline}[name]
        try:
            with transaction() as conn:
                take(conn, asked, data.pop("keys"), **data)
        except AppError as error:
            form.refuse(error)
    return (_page(form), 422) if form.errors else _done(name)


def _done(name: str) -> Response:
    flash(translate(DONE[name]), "success")
    return redirect("/referral/rules/standing", 303)


def _page(form: Form) -> str:
    now = utc_now()
    with engine().connect() as conn:
        found = watching.in_force(conn, now=now)
        lacking = watching.lacking(conn, now=now)
        snapshot = router().catalogue.snapshot(conn, now=now)
    served = {place.locality for place in proving.reached(snapshot, today=local_day(now))}
    by_standing: dict[str, list[dict[str, Any]]] = {}
    for one in found.cases:
        by_standing.setdefault(one.standing.value, []).append(_shown(one))
    return render_template(
        "rules_standing.html",
        found=found,
        by_standing=by_standing,
        waiting=_together(by_standing.get("awaiting", [])),
        me=current_actor().account_id,
        empty_places=[place for place in (found.watch.plan if found.watch else ()) if place not in served],
        lacking=[{"table": one.table, "row": one.row_id, "title": _title(one)} for one in lacking],
        form=form,
        soon=EXPIRES_SOON.days,
        table_title=words.table_title,
    )


def _title(one: RowChange) -> str:
    return one.title_en if language() == "en" else one.title_es


def _shown(one: Case) -> dict[str, Any]:
    found = one.noticed.found
    return {
        "key": found.key,
        "sentence": found.en if language() == "en" else found.es,
        "table": found.table,
        "since": one.noticed.since,
        "exemption": one.exemption,
        "standing": one.standing.value,
    }


def _together(waiting: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What one person asked for at one time, so that it is confirmed as it was asked."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for one in waiting:
        groups.setdefault((one["exemption"].signed_by, one["exemption"].signed_at), []).append(one)
    return list(groups.values())
