"""The sandbox: every phone of the demonstration on one page, with what it was sent and a field to answer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.notifications.api.context import cursor, doorbell, seals, transaction
from services.notifications.api.sandbox import require_sandbox
from services.notifications.operations import playing
from services.notifications.schemas.requests import ReplySchema
from services.notifications.store import reading
from shared.clock import rfc3339, utc_now
from shared.web import allow, engine, page, translate
from shared.web.forms import read_form

pages = Blueprint("sandbox_pages", __name__)
PAGE = 50
View = str | Response | tuple[str, int]


@pages.get("/sandbox")
@allow("focal_point", "provider", "coordinator", "admin")
def show() -> View:
    """What phones would show, newest first."""
    require_sandbox()
    with engine().connect() as conn:
        rows = reading.sandbox(conn, after=cursor(request.args.get("after")), limit=PAGE)
    listed = page(rows, limit=PAGE, key=lambda row: (rfc3339(row.at), row.id))
    return render_template("notifications/sandbox.html", messages=listed["items"], next=listed["next"])


@pages.post("/sandbox/<uuid:message_id>/reply")
@allow("focal_point", "provider", "coordinator", "admin")
def reply(message_id: str) -> View:
    """Answer as the person whose phone got the message."""
    require_sandbox()
    form = read_form(ReplySchema())
    if form.errors:
        flash(translate("Escriba una respuesta de hasta 1600 letras."), "notice")
        return redirect("/notifications/sandbox", 303)
    with transaction() as conn:
        playing.reply(conn, seals(), message_id, form.data["text"], now=utc_now())
    doorbell().ring("notifications.answer")
    flash(translate("Respuesta enviada como la persona."), "success")
    return redirect("/notifications/sandbox", 303)
