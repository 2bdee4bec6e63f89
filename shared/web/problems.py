"""Errors as a caller sees them: `application/problem+json` (RFC 9457) for programs, a page for people.

`code` is stable and in English; `title` and the messages are in the caller's language. Nothing of a caller's input
is ever answered with 500.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import marshmallow as ma
from flask import Flask, Response, current_app, g, redirect, render_template, request
from sqlalchemy import exc as sql
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from shared import logs
from shared.errors import AppError, FieldError, Invalid, Unauthorized, Unavailable
from shared.web.catalog import N_, translate
from shared.web.messages import field_errors

log = logs.get("web")

SIGN_IN = "/account/sign-in"
TITLES: dict[int, tuple[str, str]] = {
    400: ("bad_request", N_("La solicitud no se puede leer.")),
    401: ("unauthorized", N_("Inicie sesión para continuar.")),
    403: ("forbidden", N_("No tiene permiso para esto.")),
    404: ("not_found", N_("No encontramos lo que busca.")),
    405: ("method_not_allowed", N_("Esta dirección no acepta esa operación.")),
    406: ("not_acceptable", N_("No podemos responder en ese formato.")),
    408: ("timeout", N_("La solicitud tardó demasiado.")),
    409: ("conflict", N_("El estado actual no permite esta operación.")),
    413: ("too_large", N_("Lo enviado es demasiado grande.")),
    414: ("too_large", N_("La dirección es demasiado larga.")),
    415: ("unsupported_media_type", N_("Envíe el contenido en un formato aceptado, por ejemplo JSON.")),
    422: ("invalid", N_("Hay datos por corregir.")),
    429: ("too_many_requests", N_("Demasiados intentos. Espere un momento.")),
    431: ("too_large", N_("La dirección es demasiado larga.")),
    503: ("unavailable", N_("El servicio no está disponible por ahora. Intente de nuevo en unos minutos.")),
}
INTERNAL = ("internal_error", N_("Algo falló de nuestro lado. El equipo ya tiene el aviso."))


class FieldProblemSchema(ma.Schema):
    """One thing wrong with one field."""

    field = ma.fields.String(
        metadata={"description": "Path of the field, e.g. `person.age` or `needs.0.code`"}
    )
    code = ma.fields.String(metadata={"description": "Stable code, e.g. `required`, `unknown_code`"})
    message = ma.fields.String(metadata={"description": "For people, in the caller's language"})


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details."""

    type = ma.fields.String(metadata={"description": "Always `about:blank`"})
    title = ma.fields.String(metadata={"description": "What is wrong, in the caller's language"})
    status = ma.fields.Integer()
    code = ma.fields.String(metadata={"description": "Stable code in English"})
    correlation_id = ma.fields.String(metadata={"description": "Quote it when you ask for help"})
    errors = ma.fields.List(ma.fields.Nested(FieldProblemSchema))


def install(app: Flask) -> None:
    """Answer every error of `app` by this module."""
    app.register_error_handler(AppError, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(ma.ValidationError, _answer_validation)
    for unstorable in (sql.DataError, UnicodeEncodeError):
        app.register_error_handler(unstorable, _answer_unstorable)
    for away in (sql.OperationalError, sql.InterfaceError, sql.TimeoutError):
        app.register_error_handler(away, _answer_database_away)
    app.register_error_handler(Exception, _answer_unforeseen)


def answer(error: AppError) -> AnyResponse:
    """An anticipated error, for whoever asked."""
    log.info("refused", code=error.code, status=error.status)
    if isinstance(error, Unauthorized) and not wants_problem():
        return redirect(f"{SIGN_IN}?next={quote(_return_to(), safe='/')}", 303)
    response = problem(
        error.status,
        error.code,
        translate(error.message, error.params),
        errors=list(_described(error.fields)),
        extra=error.extra,
    )
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = f'Bearer realm="ruta", error="{error.code}"'
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def problem(
    status: int,
    code: str,
    title: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The response for an error whose texts are already in the caller's language."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    body |= {"correlation_id": g.get("correlation_id", "")}
    if errors:
        body["errors"] = list(errors)
    for key, value in (extra or {}).items():
        body.setdefault(key, value)
    if wants_problem():
        text = json.dumps(body, ensure_ascii=False, default=str)
        return Response(text, status, content_type="application/problem+json")
    return Response(
        render_template("error.html", problem=body), status, content_type="text/html; charset=utf-8"
    )


def wants_problem() -> bool:
    """Programs get JSON: under /<service>/api and the probes, or when they accept JSON but not HTML."""
    below = request.path.removeprefix(f"/{current_app.name}")
    if below.startswith("/api/") or below in {"/api", "/health", "/ready", "/metrics"}:
        return True
    accepted = request.accept_mimetypes
    return bool(accepted) and not accepted.accept_html and accepted.accept_json


def _return_to() -> str:
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    return "/"


def _described(fields: Mapping[str, Sequence[FieldError]]) -> Iterable[dict[str, str]]:
    for name, errors in fields.items():
        for one in errors:
            yield {"field": name, "code": one.code, "message": translate(one.message, one.params)}


def _answer_http(error: HTTPException) -> AnyResponse:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    status = error.code or 500
    if status >= 500 and status != 503:
        return _answer_unforeseen(error)
    code, title = TITLES.get(status, TITLES[400])
    data = getattr(error, "data", None) or {}
    errors = field_errors(data.get("messages") or data.get("errors") or {})
    log.info("refused", code=code, status=status)
    response = problem(status, code, translate(title), errors=errors)
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            response.headers[name] = value
    return response


def _answer_validation(error: ma.ValidationError) -> AnyResponse:
    code, title = TITLES[422]
    return problem(422, code, translate(title), errors=field_errors(error.normalized_messages()))


def _answer_unstorable(_error: Exception) -> AnyResponse:
    """Text with characters no database holds (NUL, halves of surrogate pairs) or numbers beyond any column."""
    return answer(Invalid("Hay caracteres o números que no se pueden guardar.", code="unstorable"))


def _answer_database_away(error: Exception) -> AnyResponse:
    log.warning("database_away", error_class=type(error).__name__)
    return answer(
        Unavailable(
            "El servicio no está disponible por ahora. Intente de nuevo en unos minutos.", retry_after=5
        )
    )


def _answer_unforeseen(error: Exception) -> AnyResponse:
    log.error("unforeseen", exc_info=error)
    code, title = INTERNAL
    return problem(500, code, translate(title))
