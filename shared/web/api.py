"""The JSON side of a service: OpenAPI 3.1, strict bodies, ids in paths as canonical text."""

from __future__ import annotations

import http
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import flask_smorest  # type: ignore[import-untyped]
from flask import Flask, render_template
from flask_smorest.utils import prepare_response  # type: ignore[import-untyped]
from werkzeug.routing import UUIDConverter

from shared.web.access import SESSION_COOKIE, public
from shared.web.bodies import StrictParser
from shared.web.problems import ProblemSchema

PROBLEM = "application/problem+json"


class IdConverter(UUIDConverter):
    """`<uuid:…>` as the canonical lower-case text our tables and events use. Anything else is 404."""

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return str(UUID(value))

    def to_url(self, value: Any) -> str:
        return str(value)


class ApiBlueprint(flask_smorest.Blueprint):
    """A group of JSON routes below `/<service>/api/v1`, with our parser."""

    ARGUMENTS_PARSER = StrictParser()

    def alt_response(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """As flask-smorest's, only said and not wrapped: it is documentation, and a view has up to nine of them."""
        described = super().alt_response(*args, **kwargs)

        def document(view: Any) -> Any:
            view._apidoc = described(view)._apidoc
            return view

        return document


class RutaApi(flask_smorest.Api):
    """flask-smorest's Api, answering errors as problem+json (see problems.py) and saying so in the document."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Errors are answered by problems.py for pages and API alike."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(status.name, response, lazy=True)
        fallback = {"description": "Any error, as RFC 9457 problem details", "schema": self.ERROR_SCHEMA}
        prepare_response(fallback, self.spec, PROBLEM)
        self.spec.components.response("DEFAULT_ERROR", fallback, lazy=True)


def install(app: Flask, *, title: str, version: str, description: str) -> RutaApi:
    """An empty Api on `app`, its document at `/<service>/api/openapi.json` and a reader's page beside it."""
    app.url_map.converters["uuid"] = IdConverter
    name = app.name
    app.config.update(
        API_TITLE=title,
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=f"/{name}/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = RutaApi(app, spec_kwargs={"info": {"description": description}})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE})
    document = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = public(partial(document))
    app.add_url_rule(f"/{name}/api/docs", "api-docs-page", public(docs))
    return api


def docs() -> str:
    """The OpenAPI document for reading and trying out."""
    return render_template("docs.html")


def register(app: Flask, api: RutaApi, blueprint: ApiBlueprint) -> None:
    """Put `blueprint` below `/<service>/api/v1`."""
    if not isinstance(blueprint, ApiBlueprint):
        raise TypeError(f"{blueprint.name} must be an ApiBlueprint")
    api.register_blueprint(blueprint, url_prefix=f"/{app.name}/api/v1{blueprint.url_prefix or ''}")


def operation_ids(app: Flask, api: RutaApi) -> None:
    """Give every operation a stable `operationId`, `<method>_<path>`, for generated clients."""
    for path, operations in api.spec._paths.items():
        below = re.sub(r"[^a-z0-9]+", "_", path.removeprefix(f"/{app.name}/api/v1").lower()).strip("_")
        for method, operation in operations.items():
            if isinstance(operation, dict):
                operation.setdefault("operationId", f"{method}_{below}")
