"""How messages fare: counts, and each one that did not go out, with the reason. No text, no number."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request

from services.notifications.api.context import cursor, reader
from services.notifications.pages.wording import reason_words, template_names
from services.notifications.store import reading
from shared.clock import rfc3339, utc_now
from shared.web import allow, engine, page

pages = Blueprint("health_pages", __name__)
PAGE = 50
RECENT = timedelta(days=7)


@pages.get("/messages")
@allow("coordinator")
def show() -> str:
    """The last seven days, and what went wrong."""
    with engine().connect() as conn:
        counts, reasons = reading.health(conn, since=utc_now() - RECENT)
        rows = reading.troubled(conn, reader(), after=cursor(request.args.get("after")), limit=PAGE)
    listed = page(rows, limit=PAGE, key=lambda row: (rfc3339(row.updated_at), row.id))
    return render_template(
        "notifications/messages.html",
        counts=counts,
        reasons=reasons,
        messages=listed["items"],
        next=listed["next"],
        words=reason_words(),
        names=template_names(),
    )
