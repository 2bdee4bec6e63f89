"""The provider's inbox: what is new, what waits for an answer, what runs, what is closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from services.referral.api.context import who
from services.referral.domain.status import HELD_FOR_DECISION, REJECT_REASONS, Party
from services.referral.domain.visibility import view
from services.referral.pages import words
from services.referral.store import lists
from shared.clock import parse_time
from shared.errors import Invalid
from shared.ids import is_id
from shared.web import N_, allow, decode_cursor, engine, page

blueprint = Blueprint("inbox", __name__)
TITLES = {
    "new": N_("Nuevas"),
    "answer": N_("Esperan mi respuesta"),
    "running": N_("En curso"),
    "closed": N_("Cerradas"),
}
EMPTY = {
    "new": N_("No hay derivaciones nuevas."),
    "answer": N_("Nada espera su respuesta."),
    "running": N_("No hay atenciones en curso."),
    "closed": N_("Todavía no hay derivaciones cerradas."),
}


@blueprint.get("/inbox")
@allow("provider")
def show_inbox() -> str:
    """One tab of the inbox, most urgent first."""
    caller = who()
    tab = request.args.get("tab", "new")
    tab = tab if tab in TITLES else "new"
    organization_id = str(caller.organization_id)
    with engine().connect() as conn:
        found = lists.inbox(conn, organization_id, tab, after=_after(request.args.get("after"), tab))
        counts = lists.inbox_counts(conn, organization_id)
    shown = page(found, limit=lists.INBOX_PAGE, key=lambda one: lists.inbox_key(one, tab))
    return render_template(
        "inbox.html",
        tab=tab,
        titles=TITLES,
        empty_text=EMPTY[tab],
        counts=counts,
        cards=[view(one, Party.PROVIDER) for one in shown["items"]],
        next=shown["next"],
        what_for=words.what_for,
        reason_text=words.reason_text,
        reject_reasons=words.choices("rejection_reasons", only=REJECT_REASONS),
        held_for_decision=HELD_FOR_DECISION,
    )


def _after(text: str | None, tab: str) -> tuple[Any, ...] | None:
    """The sort key of the last card shown. Raises Invalid for one that is none of ours."""
    key = decode_cursor(text, size=2 if tab == "closed" else 3)
    if key is None:
        return None
    priority = 0 if tab == "closed" else key[0]
    if not (isinstance(priority, int) and 0 <= priority <= 3 and is_id(key[-1]) and _is_time(key[-2])):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return key


def _is_time(text: Any) -> bool:
    try:
        return isinstance(parse_time(str(text)), datetime)
    except ValueError:
        return False
