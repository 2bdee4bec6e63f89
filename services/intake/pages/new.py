"""*Nueva atención*: one page that works on any phone, without scripts. Sent twice, it counts once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from services.intake.api.context import admit, consent_rules, edge, sender, vault
from services.intake.operations.gathering import Submissions
from services.intake.operations.submitting import prepare
from services.intake.pages import consent_words, words
from services.intake.schemas.mapping import FormMapping, parse_mapping
from shared import codes
from shared.clock import parse_time, rfc3339, utc_now
from shared.errors import AppError, Forbidden, Unauthorized
from shared.ids import new_id
from shared.web import N_, allow, resource, translate
from shared.web.catalog import language
from shared.web.forms import Form

blueprint = Blueprint("new_page", __name__)

MAPPING = Path(__file__).parents[1] / "forms" / "page" / "mapping.csv"
SENT = N_("Atención registrada. Ruta busca ahora quién puede ayudar.")
KEPT = N_("Atención registrada. No se comparte nada.")
DOMAINS = {
    "PRO": N_("Protección"),
    "GBV": N_("Violencia basada en género"),
    "CP": N_("Niñez"),
    "TIP": N_("Trata"),
    "HEA": N_("Salud"),
    "MHP": N_("Salud mental"),
    "LEG": N_("Documentos y derechos"),
    "EDU": N_("Educación"),
    "LIV": N_("Trabajo e ingresos"),
    "BAS": N_("Alimentos, techo y básicos"),
    "SOC": N_("Información y apoyo"),
}


@blueprint.get("/new")
@allow("focal_point")
def show_form() -> str:
    """An empty form with an id of its own."""
    return _page(Form(sent={"id": new_id(), "assessed_at": rfc3339(utc_now())}))


@blueprint.post("/new")
@allow("focal_point")
def send_form() -> Response | tuple[str, int]:
    """Take the assessment in, or show the form again with what is wrong beside each answer."""
    sent = {name: " ".join(value.strip() for value in request.form.getlist(name)) for name in request.form}
    form = Form(sent=sent)
    try:
        incoming = prepare(mapping().document(_row(sent)), sender(), edge(), vault())
        admit(incoming)
        submissions: Submissions = resource("submissions")
        stored = submissions.submit(incoming, correlation_id=g.correlation_id)
    except (Forbidden, Unauthorized):
        raise
    except AppError as error:
        form.refuse(error)
        form.errors = [_beside_its_input(one) for one in form.errors if one["field"] != "place.country"]
        return _page(form), 422
    flash(translate(SENT if stored.status == "submitted" else KEPT), "success")
    return redirect(f"/intake/cases/{stored.id}", 303)


@cache
def mapping() -> FormMapping:
    """Which input is what."""
    return parse_mapping(MAPPING.read_text(encoding="utf-8"))


def _row(sent: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, with what follows from it: the country of the place, and that nothing is referred for whom does
    not want to share."""
    place = codes.load("localities").get(sent.get("locality", ""))
    private = sent.get("needs", "") if sent.get("share") == "no" else ""
    return {**sent, "country": place.fact("country") if place else "", "not_referred": private}


def _beside_its_input(error: dict[str, str]) -> dict[str, str]:
    column = mapping().column_of(error["field"]) or error["field"]
    return {**error, "field": column.partition("+")[0]}


def _page(form: Form) -> str:
    asked = consent_words.Asked(consent_rules(), _begun(form))
    return render_template(
        "new.html",
        form=form,
        domains=[(translate(name), _needs_of(code)) for code, name in DOMAINS.items()],
        localities=_localities(),
        words=words,
        givers=consent_words.givers(asked),
        assent=consent_words.assent(asked),
        chosen={
            name: set(form.sent.get(name, "").split())
            for name in ("needs", "criteria", "documents", "languages")
        },
    )


def _begun(form: Form) -> datetime:
    """When the form was opened: its rules are those of that moment, as for the consent that it asks for."""
    try:
        return parse_time(form.sent["assessed_at"])
    except (KeyError, ValueError):
        return utc_now()


def _needs_of(domain: str) -> list[tuple[str, str]]:
    return [
        (one.code, one.label(language()))
        for one in codes.load("needs").values()
        if one.fact("domain") == domain
    ]


def _localities() -> list[tuple[str, str]]:
    countries = codes.load("countries")
    return [
        (one.code, f"{one.label(language())} ({countries[one.fact('country')].label(language())})")
        for one in sorted(codes.load("localities").values(), key=lambda one: one.es)
    ]
