"""The coordinator's pages: clocks that ran out, gaps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.referral.api.context import router, transaction, who
from services.referral.api.gaps import shown_gap
from services.referral.domain.status import CANCEL_REASONS, Party
from services.referral.domain.visibility import view
from services.referral.operations import reopening, showing, watching
from services.referral.operations.showing import Reading
from services.referral.pages import words
from services.referral.schemas.forms import CloseGapForm
from services.referral.store import ledger, lists
from shared.clock import utc_now
from shared.errors import AppError, Forbidden, Invalid, NotFound
from shared.ids import is_id
from shared.web import allow, decode_cursor, engine, page, translate
from shared.web.catalog import language
from shared.web.forms import Form, read_form

blueprint = Blueprint("coordination", __name__)
MOST = 200
SOON = 10
GAPS_PAGE = 30


@blueprint.get("/clocks")
@allow("coordinator")
def show_clocks() -> str:
    """What waits for the coordinator, worst first, and the next clocks to ring."""
    with engine().connect() as conn:
        rules = watching.in_force(conn, now=utc_now())
        waiting = lists.exceptions(conn, limit=MOST)
        soon = lists.running_clocks(conn, limit=SOON)
        drafts = lists.drafts(conn, referrer_id=None, limit=MOST)
        gaps, urgent_gaps = ledger.open_gaps(conn)
        names = lists.names(conn, [one.service_id for one in waiting] + [one.service_id for one, _ in soon])
    return render_template(
        "clocks.html",
        waiting=[view(one, Party.COORDINATOR) for one in waiting],
        soon=[(view(one, Party.COORDINATOR), mark) for one, mark in soon],
        emergencies=sum(one.priority == 0 for one in waiting) + urgent_gaps,
        draft_count=len(drafts),
        gap_count=gaps,
        rule_count=rules.demands,
        names=names,
        turns=words.TURNS,
        what_for=words.what_for,
        reason_text=words.reason_text,
    )


@blueprint.get("/gaps")
@allow("coordinator")
def show_gaps() -> str:
    """Needs that nobody could meet, counted by place, and one by one, worst first."""
    with engine().connect() as conn:
        counts = ledger.gap_counts(conn)
        found = ledger.gaps_by_harm(conn, after=_after(request.args.get("after")), limit=GAPS_PAGE)
    shown = page(found, limit=GAPS_PAGE, key=lambda one: (one["priority"], one["id"]))
    return render_template(
        "gaps.html", counts=counts, gaps=[shown_gap(one) for one in shown["items"]], next=shown["next"]
    )


def _after(text: str | None) -> tuple[Any, ...] | None:
    """The sort key of the last gap shown. Raises Invalid for one that is none of ours."""
    key = decode_cursor(text, size=2)
    if key is not None and not (key[0] in range(4) and is_id(key[1])):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return key


@blueprint.get("/gaps/<uuid:gap_id>")
@allow("coordinator")
def show_gap(gap_id: str) -> str:
    """Why nobody could be asked."""
    return _gap_page(gap_id, Form())


def _gap_page(gap_id: str, form: Form) -> str:
    reading = Reading("worker", language())
    with engine().connect() as conn:
        gap = ledger.gap(conn, gap_id)
        try:
            receipt = showing.read_gap_receipt(conn, router(), gap_id, reading=reading)["text"]
        except Forbidden:
            receipt = []
    return render_template(
        "gap.html",
        gap=shown_gap(gap),
        receipt=receipt,
        form=form,
        reasons=words.choices("cancel_reasons", only=CANCEL_REASONS),
    )


@blueprint.post("/gaps/<uuid:gap_id>/close")
@allow("coordinator")
def post_close(gap_id: str) -> Response | tuple[str, int]:
    """Decide that nothing more is asked."""
    form = read_form(CloseGapForm())
    try:
        with transaction() as conn:
            reason = form.data.get("reason") or ""
            reopening.close_gap(conn, who(), gap_id, reason=reason, now=utc_now())
    except NotFound:
        raise
    except AppError as error:
        form.refuse(error)
        return _gap_page(gap_id, form), 422
    flash(translate("La brecha quedó cerrada."), "success")
    return redirect("/referral/gaps", 303)
