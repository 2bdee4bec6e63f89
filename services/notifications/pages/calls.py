"""Whom the provider's people have to call to ask how it goes: what the rules leave to them, and nobody else sees."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.notifications.api.context import cursor, reader, transaction
from services.notifications.operations import calling
from services.notifications.store import calls
from shared.clock import rfc3339, utc_now
from shared.errors import Conflict
from shared.web import N_, allow, engine, page, translate

pages = Blueprint("call_pages", __name__)
PAGE = 50
SAID = {
    "done": N_("Llamada anotada."),
    "handed_on": N_("El punto focal que derivó a la persona la llamará."),
}


@pages.get("/calls")
@allow("provider")
def show() -> str:
    """Open calls of the organization, the most urgent first. Who the person is stands in the referral."""
    with engine().connect() as conn:
        rows = calls.list_open(conn, reader(), after=cursor(request.args.get("after")), limit=PAGE)
    listed = page(rows, limit=PAGE, key=lambda row: (rfc3339(row.due_at), row.id))
    return render_template("notifications/calls.html", calls=listed["items"], next=listed["next"])


@pages.post("/calls/<uuid:call_id>/<any(done,handed_on):result>")
@allow("provider")
def close(call_id: str, result: str) -> Response:
    """Somebody called, or could not."""
    answer = {"result": result, "resume": False}
    try:
        with transaction() as conn:
            calling.close_call(conn, reader(), call_id, answer=answer, now=utc_now())
        flash(translate(SAID[result]), "success")
    except Conflict as closed:
        flash(translate(closed.message), "notice")
    return redirect("/notifications/calls", 303)
