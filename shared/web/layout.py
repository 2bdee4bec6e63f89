"""What every page shares: the menu of each role, language switch, and what templates may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jinja2
from flask import Flask, current_app, redirect, request
from werkzeug.wrappers import Response

from shared import codes
from shared.ids import short_code
from shared.web.access import optional_actor, public
from shared.web.catalog import DEFAULT, LANGUAGE_COOKIE, LANGUAGES, N_, language
from shared.web.csrf import csrf_field, csrf_token
from shared.web.headers import is_https
from shared.web.moments import clock, day, day_and_time, is_overdue, moment

A_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Link:
    """An entry of the menu: a Spanish text (gettext id) and a path of our own; some only in the demonstration."""

    text: str
    path: str
    demo_only: bool = False


SANDBOX = Link(N_("Buzón de prueba"), "/notifications/sandbox", demo_only=True)
MENU: Mapping[str, tuple[Link, ...]] = {
    "focal_point": (
        Link(N_("Mis casos"), "/intake/cases"),
        Link(N_("Nueva atención"), "/intake/new"),
        Link(N_("Borradores"), "/referral/drafts"),
        SANDBOX,
    ),
    "provider": (
        Link(N_("Bandeja"), "/referral/inbox"),
        Link(N_("Llamadas"), "/notifications/calls"),
        Link(N_("Cupos"), "/referral/places"),
        SANDBOX,
    ),
    "coordinator": (
        Link(N_("Plazos"), "/referral/clocks"),
        Link(N_("Brechas"), "/referral/gaps"),
        Link(N_("Borradores"), "/referral/drafts"),
        Link(N_("Reglas"), "/referral/rules"),
        Link(N_("Mensajes"), "/notifications/messages"),
        SANDBOX,
    ),
    "admin": (
        Link(N_("Cuentas"), "/account/accounts"),
        Link(N_("Organizaciones"), "/account/organizations"),
        Link(N_("Programas"), "/account/tokens"),
        Link(N_("Eventos detenidos"), "/intake/dead-letters"),
    ),
}


def menu_of(role: str | None, *, demo: bool) -> tuple[Link, ...]:
    """The menu of somebody with `role`."""
    return tuple(link for link in MENU.get(role or "", ()) if demo or not link.demo_only)


def home_path(role: str | None) -> str:
    """Where somebody with `role` begins."""
    links = MENU.get(role or "", ())
    return links[0].path if links else "/account/sign-in"


def local_path(target: str | None, *, default: str = "/") -> str:
    """`target` when it is a path of ours, else `default`: a link may not send people elsewhere."""
    text = target or ""
    parts = urlsplit(text)
    ours = (
        text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
    return text if ours and all(" " < char != "\\" for char in text) else default


def install(app: Flask, *, environment: str) -> None:
    """Give `app` the shared templates and what they call."""
    shared = jinja2.PackageLoader("shared.web", "templates")
    components = jinja2.PackageLoader("govuk_frontend_jinja")
    own = app.jinja_loader or jinja2.DictLoader({})
    app.jinja_loader = jinja2.ChoiceLoader(
        [own, shared, jinja2.PrefixLoader({"govuk_frontend_jinja": components})]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = jinja2.StrictUndefined if app.testing else jinja2.Undefined
    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=csrf_token, LANGUAGES=LANGUAGES)
    app.jinja_env.filters.update(clock=clock, moment=moment, day=day, day_and_time=day_and_time)
    app.jinja_env.filters.update(short_code=short_code, label=label)
    app.jinja_env.tests["overdue"] = is_overdue
    app.config["RUTA_ENVIRONMENT"] = environment
    app.context_processor(_context)
    app.add_url_rule(f"/{app.name}/language/<code>", "language", public(choose_language))


def label(code: str | None, code_list: str) -> str:
    """The name of `code` in the published list `code_list`, in the reader's language; the code itself if unlisted."""
    found = codes.load(code_list).get(code or "")
    return found.label(language()) if found is not None else (code or "")


def _context() -> dict[str, Any]:
    actor = optional_actor()
    demo = current_app.config["RUTA_ENVIRONMENT"] == "demo"
    return {
        "actor": actor,
        "language": language(),
        "menu": menu_of(actor.role if actor is not None else None, demo=demo),
        "is_demo": demo,
        "here": request.full_path.rstrip("?"),
        "service_name": current_app.name,
    }


def choose_language(code: str) -> Response:
    """Keep the language a reader chose and go back."""
    response = redirect(local_path(request.args.get("next")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        code if code in LANGUAGES else DEFAULT,
        max_age=A_YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=is_https(),
    )
    return response
