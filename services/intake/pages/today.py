"""*Hoy*: the focal point's cases, most overdue first. No names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import Connection

from services.intake.api.context import cursor_of, viewer
from services.intake.domain.visibility import Viewer
from services.intake.operations import showing
from services.intake.operations.showing import CaseView
from services.intake.pages import words
from services.intake.store import cases as store
from services.intake.store.cases import Page
from shared.clock import rfc3339, utc_now
from shared.web import N_, allow, engine, page

blueprint = Blueprint("today_page", __name__)

SHOWN = 20
TITLES = {
    "waiting": N_("Por atender"),
    "calls": N_("Llamadas por hacer"),
    "gaps": N_("Sin prestador"),
    "all": N_("Todas las atenciones"),
}
EMPTY = {
    "waiting": N_("Nada pendiente: nadie espera una respuesta suya."),
    "calls": N_("No hay llamadas por hacer."),
    "gaps": N_("Todas sus necesidades registradas encontraron prestador."),
    "all": N_("Todavía no hay atenciones. Registre la primera."),
}


@blueprint.get("/cases")
@allow("focal_point")
def show_cases() -> str:
    """The day's list: what waits first, then the latest; or one of the lists behind the counters."""
    who = viewer()
    asked = request.args.get("show", "")
    show = asked if asked in TITLES else "waiting"
    with engine().connect() as conn:
        counts = store.count_waiting(conn, who.account_id, now=utc_now())
        found, following = _list(conn, who, show)
        latest = _latest(conn, who, {view.case.id for view in found}) if show == "waiting" else []
    return render_template(
        "cases.html",
        show=show,
        titles=TITLES,
        empty_text=EMPTY[show],
        counts=counts,
        found=found,
        latest=latest,
        next=following,
        words=words,
    )


def _list(conn: Connection, who: Viewer, show: str) -> tuple[list[CaseView], str | None]:
    if show == "all":
        return _page(conn, who, after=cursor_of(request.args.get("after")))
    finders = {
        "waiting": store.waiting_referrals,
        "calls": store.waiting_calls,
        "gaps": store.with_gaps,
    }
    ids = [one.case_id for one in finders[show](conn, who.account_id, limit=SHOWN * 2)]
    return showing.show_several(conn, viewer=who, ids=ids), None


def _page(
    conn: Connection, who: Viewer, *, after: tuple[str, str] | None
) -> tuple[list[CaseView], str | None]:
    wanted = Page(who.organization_id or who.account_id, SHOWN, after)
    shown: dict[str, Any] = page(
        showing.list_cases(conn, viewer=who, wanted=wanted),
        limit=SHOWN,
        key=lambda one: (rfc3339(one.case.received_at), one.case.id),
    )
    return shown["items"], shown["next"]


def _latest(conn: Connection, who: Viewer, already: set[str]) -> list[CaseView]:
    """The latest cases of the organization that are not on the list above."""
    recent, _ = _page(conn, who, after=None)
    return [view for view in recent if view.case.id not in already][:10]
