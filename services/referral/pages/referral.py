"""The page of one referral, for whoever may see it, and the steps taken on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from structlog.contextvars import get_contextvars
from werkzeug.wrappers import Response

from services.referral.api.context import intake, router, transaction, who
from services.referral.clients.intake import IntakeAway
from services.referral.domain.contact import safe_now
from services.referral.domain.geography import default_timezone, places
from services.referral.domain.record import Referral
from services.referral.domain.referral import Answer
from services.referral.domain.status import (
    CANCEL_REASONS,
    HELD_FOR_DECISION,
    REJECT_REASONS,
    SHARED_WITH_PROVIDER,
    Action,
    Party,
    Status,
)
from services.referral.domain.visibility import view
from services.referral.operations import reopening, showing
from services.referral.operations.guidance import Guidance, guidance
from services.referral.operations.showing import Reading
from services.referral.operations.steps import Asked, Who, get_visible, take_step
from services.referral.pages import words
from services.referral.schemas.forms import StepForm
from services.referral.store import lists
from services.referral.store import referrals as store
from shared import codes
from shared.clock import local_day, utc_now
from shared.errors import AppError, Forbidden, NotFound, Unauthorized
from shared.web import N_, allow, engine, translate
from shared.web.catalog import language
from shared.web.forms import Form, read_form
from shared.web.layout import local_path

blueprint = Blueprint("referral", __name__)
OFFICE_HOURS = ("09:00", "18:00")
"""When to call somebody who named no hours, save in an emergency."""
DONE = {
    "accept": N_("Aceptó la derivación. Los datos de contacto están abajo."),
    "reject": N_("Quedó registrado que no puede. Ya buscamos otro prestador."),
    "start": N_("Quedó registrado el primer contacto."),
    "hold": N_("La derivación quedó en pausa."),
    "resume": N_("La derivación se retomó."),
    "complete": N_("La derivación quedó cerrada. Gracias."),
    "cancel": N_("La derivación quedó cancelada."),
    "confirm": N_("La derivación fue enviada."),
    "reroute": N_("Se preguntó al siguiente prestador."),
}


@blueprint.get("/referrals/<uuid:referral_id>")
@allow("provider", "focal_point", "coordinator")
def show_referral(referral_id: str) -> str:
    """A referral. Opening it tells the sender that somebody has seen it; opening it again tells nothing new."""
    caller = who()
    with engine().connect() as conn:
        referral = get_visible(conn, caller, referral_id)
    if caller.party is Party.PROVIDER and referral.status is Status.REQUESTED:
        asked = Asked(referral.id, Action.ACKNOWLEDGE, referral.version)
        with transaction() as conn:
            referral = take_step(conn, router(), caller, asked, now=utc_now())
    return _page(caller, referral, Form())


@blueprint.post("/referrals/<uuid:referral_id>/steps/<name>")
@allow("provider", "focal_point", "coordinator")
def post_step(referral_id: str, name: str) -> Response | str | tuple[str, int]:
    """Take a step and go back to where it was asked for; what is wrong is shown beside the forms."""
    if name not in DONE:
        raise NotFound("No encontramos lo que busca.")
    caller = who()
    form = read_form(StepForm())
    try:
        if not form.errors:
            moved = _take(caller, referral_id, name, form)
            flash(translate(DONE[name]), "success")
            return redirect(_back(name, moved), 303)
    except (NotFound, Forbidden, Unauthorized):
        raise
    except AppError as error:
        form.refuse(error)
    with engine().connect() as conn:
        referral = get_visible(conn, caller, referral_id)
    return _page(caller, referral, form, asked=name), 422


def _take(caller: Who, referral_id: str, name: str, form: Form) -> Referral:
    now = utc_now()
    with transaction() as conn:
        if name == "reroute":
            return reopening.reroute(conn, router(), caller, (referral_id, form.data["version"]), now=now)
        referral = get_visible(conn, caller, referral_id)
        fields = {field: value for field, value in form.data.items() if field != "version"}
        answer = Answer(**fields)
        if answer.appointment_at is not None:
            answer = replace(answer, appointment_at=_with_zone(answer.appointment_at, referral))
        asked = Asked(referral_id, Action(name), form.data["version"], answer)
        return take_step(conn, router(), caller, asked, now=now)


def _with_zone(local: datetime, referral: Referral) -> datetime:
    """An appointment as written by hand is in the time of the place where the person is."""
    place = places().get(referral.locality)
    return local.replace(tzinfo=place.timezone if place else default_timezone(referral.country))


def _back(name: str, moved: Referral) -> str:
    asked = request.form.get("back")
    here = f"/referral/referrals/{moved.id}"
    return here if name in {"accept", "reroute"} else local_path(asked, default=here)


def _page(caller: Who, referral: Referral, form: Form, *, asked: str = "") -> str:
    """The page; `asked` is the step whose form came back with errors."""
    with engine().connect() as conn:
        steps = store.steps(conn, referral.id)
        names = lists.names(conn, [referral.service_id]).get(referral.service_id, {})
        receipt = _receipt(conn, caller, referral)
        told = guidance_for(conn, caller, referral)
    shown = view(referral, caller.party)
    return render_template(
        "referral.html",
        shown=shown,
        form=form,
        asked=asked,
        party=str(caller.party),
        steps=steps,
        offered=names,
        receipt=receipt,
        guidance=told,
        may_reroute=_may_reroute(caller, referral),
        turn_text=words.turn_of(str(referral.turn), str(caller.party)),
        action_texts=words.ACTIONS,
        day_names=words.DAYS,
        reason_text=words.reason_text,
        choices=_choices(referral),
        **_person(caller, referral),
    )


def guidance_for(conn: Any, caller: Who, referral: Referral) -> Guidance | None:
    """What the rules tell whoever made the referral; None for others."""
    if caller.party is not Party.FOCAL_POINT:
        return None
    now = utc_now()
    return guidance(router().rules.at(conn, now), referral, on=local_day(now), language=language())


def _may_reroute(caller: Who, referral: Referral) -> bool:
    ended = referral.status in {Status.REJECTED, Status.FAILED}
    return caller.party is not Party.PROVIDER and ended and referral.successor_id is None


def _receipt(conn: Any, caller: Who, referral: Referral) -> dict[str, Any] | None:
    """Why this route, in words, and by which version of the rules; None for whoever may not read it."""
    try:
        reading = Reading("worker", language())
        return showing.read_receipt(conn, router(), caller, referral.id, reading=reading)
    except AppError:
        return None


def _person(caller: Who, referral: Referral) -> dict[str, Any]:
    """Who the person is, for the provider that accepted: asked from intake each time, never kept."""
    found: dict[str, Any] = {"person": None, "person_state": "hidden", "call_now": False}
    if caller.party is not Party.PROVIDER or referral.status not in SHARED_WITH_PROVIDER:
        return found
    if referral.status is Status.ON_HOLD and referral.reason in HELD_FOR_DECISION:
        return found
    try:
        person = intake().shared_view(
            person_id=referral.person_id,
            need_id=referral.need_id,
            organization_id=referral.organization_id,
            correlation_id=get_contextvars().get("correlation_id"),
        )
    except IntakeAway:
        return {**found, "person_state": "away"}
    if person is None:
        return {**found, "person_state": "withdrawn"}
    hours = person.safe_hours or (() if referral.priority == 0 else OFFICE_HOURS)
    safe = safe_now(person.safe_days, hours, person.timezone, now=utc_now())
    return {
        "person": replace(person, safe_hours=hours),
        "person_state": "shown",
        "call_now": person.phone is not None and safe,
    }


def _choices(referral: Referral) -> dict[str, list[tuple[str, str]]]:
    domain = referral.need_code.partition(".")[0]
    outcomes = codes.load("outcomes").values()
    fitting = frozenset(one.code for one in outcomes if one.fact("domain") in {"", domain})
    waits = frozenset(
        one.code
        for one in codes.load("hold_reasons").values()
        if one.code in HELD_FOR_DECISION and (referral.priority > 1 or one.is_true("allowed_p0_p1"))
    )
    return {
        "reject": words.choices("rejection_reasons", only=REJECT_REASONS),
        "cancel": words.choices("cancel_reasons", only=CANCEL_REASONS),
        "hold": words.choices("hold_reasons", only=waits),
        "outcomes": words.choices("outcomes", only=fitting),
    }
