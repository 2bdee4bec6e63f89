"""The coordinator's pages of the rules: versions, and one version with its findings and steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from services.referral.api.context import router, transaction
from services.referral.api.pathways import prove_now
from services.referral.domain import file_changes
from services.referral.domain.decisions.answers import answer_text
from services.referral.domain.decisions.messages import Language
from services.referral.operations import proposing, publishing, replay_views, replaying, rule_views, watching
from services.referral.operations.publishing import Asked, files_in_force
from services.referral.operations.replaying import Extent
from services.referral.pages import replay_words, words
from services.referral.schemas.rule_forms import (
    ApproveForm,
    DraftForm,
    ExemptForm,
    ReasonForm,
    ReplayForm,
    SeenForm,
    TryForm,
)
from services.referral.store import versions
from shared import codes
from shared.clock import utc_now
from shared.errors import AppError
from shared.web import N_, allow, current_actor, engine, moments, translate
from shared.web.catalog import language
from shared.web.forms import Form, read_form

blueprint = Blueprint("rules", __name__)
REPLAYED = 1_000
DONE = {
    "prove": N_("La prueba terminó. Los hallazgos están abajo."),
    "exempt": N_("Quedó registrado quién responde por estos hallazgos y hasta cuándo."),
    "propose": N_("La versión espera la aprobación de otra persona."),
    "send-back": N_("La versión volvió a quien la propuso."),
    "approve": N_("La versión quedó aprobada."),
    "retire": N_("La versión quedó retirada."),
}


@blueprint.get("/rules")
@allow("coordinator")
def show_rules() -> str:
    """Which tables decide now, and every version."""
    return _rules_page(Form())


@blueprint.post("/rules")
@allow("coordinator")
def begin_draft() -> str | AnyResponse:
    """A new draft with the tables in force."""
    form = read_form(DraftForm())
    if form.errors:
        return _rules_page(form)
    with transaction() as conn:
        made = publishing.draft(conn, by=current_actor().account_id, now=utc_now(), **form.data)
    return redirect(f"/referral/rules/{made.id}")


def _rules_page(form: Form) -> str:
    now = utc_now()
    with engine().connect() as conn:
        standing = watching.in_force(conn, now=now)
        found = versions.heads(conn, publishing.DEFAULT)
    shown = [rule_views.shown_version(one, standing.id, now=now, language=language()) for one in found]
    return render_template("rules.html", versions=shown, standing=standing, form=form)


@blueprint.get("/rules/<uuid:version_id>")
@allow("coordinator")
def show_version(version_id: str) -> str:
    """One version: what it changes, what its proof found, and the steps it may take."""
    return _version_page(version_id, Form())


@blueprint.post(
    "/rules/<uuid:version_id>/<any('prove','propose','approve','exempt','send-back','retire'):name>"
)
@allow("coordinator", in_person=True)
def take_step(version_id: str, name: str) -> str | AnyResponse:
    """A step; what is wrong with it is said on the page."""
    form = read_form(
        {"approve": ApproveForm, "exempt": ExemptForm, "send-back": ReasonForm, "retire": ReasonForm}.get(
            name, SeenForm
        )()
    )
    if not form.errors:
        try:
            _take(version_id, name, dict(form.data))
        except AppError as error:
            form.refuse(error)
    if form.errors:
        return _version_page(version_id, form)
    flash(translate(DONE[name]), "success")
    return redirect(f"/referral/rules/{version_id}")


def _take(version_id: str, name: str, data: dict[str, Any]) -> None:
    asked = Asked(version_id, data.pop("version"), current_actor().account_id, utc_now())
    with transaction() as conn:
        if name == "prove":
            prove_now(conn, asked)
        elif name == "propose":
            proposing.propose(conn, asked, router=router())
        elif name == "approve":
            proposing.approve(conn, asked, router=router(), **_term(asked.now, **data))
        elif name == "exempt":
            publishing.exempt(conn, asked, data.pop("keys"), **data)
        elif name == "send-back":
            publishing.send_back(conn, asked, **data)
        else:
            publishing.retire(conn, asked, **data)


def _term(now: datetime, live_from: date | None, live_until: date | None) -> dict[str, datetime | None]:
    """The days of the form as moments. Today means at once: that day has begun."""
    begins = None if live_from == moments.today(now) else live_from
    return {
        "live_from": None if begins is None else moments.start_of(begins),
        "live_until": None if live_until is None else moments.start_of(live_until),
    }


@blueprint.post("/rules/<uuid:version_id>/replay")
@allow("coordinator")
def show_replay(version_id: str) -> str:
    """What would have happened to past cases, with the directory of then, of now, or both."""
    form = read_form(ReplayForm())
    directory = form.data.get("directory", "both")
    asked = ("then", "now") if directory == "both" else (directory,)
    with engine().connect() as conn:
        found = replaying.replay_version(
            conn, router(), version_id, now=utc_now(), extent=Extent(REPLAYED, asked)
        )
    shown = replay_views.shown_replay(found, language())
    return _version_page(version_id, form, replay=shown, directory=directory)


@blueprint.post("/rules/<uuid:version_id>/try")
@allow("coordinator")
def show_tried(version_id: str) -> str:
    """What this version says about one imagined case."""
    form = read_form(TryForm())
    tried = None
    if not form.errors:
        facts = {
            name.removeprefix("fact_"): value for name, value in form.sent.items() if name.startswith("fact_")
        }
        asked = {**form.data, "population_type": "unknown", "documents": [], "criteria": [], "facts": facts}
        with engine().connect() as conn:
            pathway = publishing.read(versions.get(conn, version_id).files)
        try:
            tried = rule_views.try_case(pathway, asked, language())
        except AppError as error:
            form.refuse(error)
    return _version_page(version_id, form, tried=tried)


def _version_page(version_id: str, form: Form, **more: Any) -> str:
    now = utc_now()
    with engine().connect() as conn:
        live, _ = files_in_force(conn, now=now)
        found = versions.get(conn, version_id)
        changed = publishing.difference(conn, found, now=now)
        overtaken = publishing.overtaken(conn, found, now=now)
        steps = versions.steps(conn, version_id)
    reasons = replay_words.Reasons(publishing.read(found.files), changed)
    shown = rule_views.shown_version(found, live, now=now, language=language())
    names = [name.removesuffix(".csv") for name in shown["files"] if name != "columns.csv"]
    order = list(words.TABLES)
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return render_template(
        "rules_version.html",
        one=shown,
        tables=names,
        table_title=words.table_title,
        table_purpose=words.table_purpose,
        changes=[change.sentence(language(), words.table_title(change.table)) for change in changed],
        promises_change=any(f"{change.table}.csv" in file_changes.KEYS for change in changed),
        overtaken=overtaken,
        steps=steps,
        form=form,
        mine=current_actor().account_id in found.editors or current_actor().account_id == found.proposed_by,
        questions=_questions(),
        choices=words.choices,
        changed_rows=reasons.rows,
        table_of=reasons.table_of,
        route_words=replay_words.route_words,
        aspect=replay_words.aspect,
        zone_name=moments.zone_name(),
        **{"replay": None, "tried": None, "directory": "both", **more},
    )


def _questions() -> list[tuple[str, list[tuple[str, str]]]]:
    """The questions about a need that have a closed list of answers, each answer with its name."""
    tongue: Language = "en" if language() == "en" else "es"
    return [
        (one.code, [(value, answer_text(value, tongue)) for value in one.several("values")])
        for one in codes.load("need_facts").values()
        if one.fact("type") == "string"
    ]
