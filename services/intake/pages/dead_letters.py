"""The administrator's page of events that nobody could act on, and of what was decided about them. It shows types,
codes and error classes, never what an event says."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from shared.bus import dead_letters, drain_of
from shared.errors import AppError, Invalid
from shared.web import N_, allow, current_actor, decode_cursor, engine, page, resource, translate
from shared.web.forms import Form

DECISIONS = 20
LARGEST = 2**63
blueprint = Blueprint("dead_letters", __name__)
DONE = {
    "replay": N_("El evento se intentará de nuevo."),
    "discard": N_("El evento quedó descartado, con su motivo."),
}


@blueprint.get("/dead-letters")
@allow("admin")
def show_dead_letters() -> str:
    """Every event that is stuck, oldest first, and how many wait behind it; then what was decided about others, newest
    first, page by page (`after`)."""
    key = decode_cursor(request.args.get("after"), size=1)
    if key is not None and not (isinstance(key[0], int) and 0 < key[0] < LARGEST):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return _page(Form(), before=None if key is None else key[0])


@blueprint.post("/dead-letters/<uuid:event_id>/<any('replay','discard'):decision>")
@allow("admin")
def decide(event_id: str, decision: str) -> str | Response:
    """Try an event again, or give it up for a reason that is kept."""
    subscriber = request.form.get("subscriber", "")
    by = current_actor().account_id
    try:
        with engine().begin() as conn:
            if decision == "replay":
                dead_letters.replay(conn, subscriber=subscriber, event_id=event_id, by=by)
            else:
                reason = request.form.get("reason", "")
                dead_letters.discard(conn, subscriber=subscriber, event_id=event_id, reason=reason, by=by)
    except AppError as error:
        form = Form(sent=dict(request.form))
        form.refuse(error)
        return _page(form, refused=(subscriber, str(event_id)))
    resource("doorbell").ring(drain_of(subscriber))
    flash(translate(DONE[decision]), "success")
    return redirect("/intake/dead-letters")


def _page(form: Form, *, refused: tuple[str, str] | None = None, before: int | None = None) -> str:
    """`refused`: the subscriber and event whose decision could not be taken. `before`: the last decision shown."""
    with engine().connect() as conn:
        found = dead_letters.find(conn)
        decided = dead_letters.decided(conn, before=before, limit=DECISIONS + 1)
    return render_template(
        "dead_letters.html",
        letters=found,
        decisions=page(decided, limit=DECISIONS, key=lambda one: (one.number,)),
        me=current_actor().account_id,
        form=form,
        refused=refused,
    )
