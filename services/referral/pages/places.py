"""Places left: one number per service, with a date until when to believe it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response

from services.referral.api.context import transaction, who
from services.referral.domain.directory import Capacity, CapacityStatus
from services.referral.operations import places
from services.referral.schemas.forms import PlacesForm
from services.referral.store import offers
from shared.clock import utc_now
from shared.errors import Invalid
from shared.web import N_, allow, engine, translate
from shared.web.forms import Form, read_form
from shared.web.moments import span

blueprint = Blueprint("places", __name__)
STATUSES = {
    "has_capacity": N_("Recibe personas"),
    "waitlist": N_("Solo lista de espera"),
    "assessment": N_("Recibe después de una valoración"),
    "no_capacity": N_("No recibe por ahora"),
}
DAYS = (1, 3, 7, 14, 30)
MOST = 200


@blueprint.get("/places")
@allow("provider")
def show_places() -> str:
    """The services of the caller's organization, each with its places left."""
    return _page(Form(), None)


@blueprint.post("/places/<uuid:service_id>")
@allow("provider")
def post_places(service_id: str) -> Response | tuple[str, int]:
    """Say how many places a service has left."""
    form = read_form(PlacesForm())
    now = utc_now()
    try:
        if not form.errors:
            said = Capacity(
                _status(form.data["status"]),
                form.data["available"],
                now + timedelta(days=form.data["days"]),
            )
            with transaction() as conn:
                places.say_capacity(conn, who(), service_id, said, now=now)
            flash(translate("Gracias: los cupos quedaron al día."), "success")
            return redirect("/referral/places", 303)
    except Invalid as error:
        form.refuse(error)
    return _page(form, service_id), 422


def _status(text: str) -> CapacityStatus:
    if text not in STATUSES:
        raise Invalid("Elija una opción de la lista.", code="unknown_status")
    return CapacityStatus(text)


def _page(form: Form, service_id: str | None) -> str:
    caller = who()
    wanted = {"organization_id": caller.organization_id}
    with engine().connect() as conn:
        services = offers.services(conn, wanted, after=None, limit=MOST)
    return render_template(
        "places.html",
        services=services,
        statuses=STATUSES,
        days=[(one, span(timedelta(days=one))) for one in DAYS],
        form=form,
        wrong_id=service_id,
        now=utc_now(),
    )
