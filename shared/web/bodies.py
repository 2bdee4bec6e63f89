"""Reading what callers send, strictly and within bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Request, request
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from shared.errors import Invalid, TooLarge

MAX_BODY = 10 * 1024 * 1024
MAX_LINE = 256 * 1024


def strict_loads(text: bytes | str) -> Any:
    """JSON without NaN or Infinity. Raises ValueError, also for nesting or numbers no honest client sends."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class StrictParser(FlaskParser):
    """webargs' parser, with 415 for a body that is not JSON and 400 for one that only looks like it."""

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return core.missing
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType
        try:
            return strict_loads(body)
        except json.JSONDecodeError:
            raise
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "body", 0) from error


def ndjson_lines(*, max_lines: int = 1000, max_bytes: int = MAX_BODY) -> Iterator[tuple[int, Any]]:
    """(line number from 1, parsed object or the ValueError) of an NDJSON body, read as it arrives.

    Empty lines are skipped. Raises TooLarge beyond `max_lines`, `max_bytes` or 256 KB in one line, and
    415 when the content type is not NDJSON.
    """
    if request.mimetype not in {"application/x-ndjson", "application/ndjson", "application/jsonl"}:
        raise UnsupportedMediaType
    seen = count = number = 0
    while line := request.stream.readline(MAX_LINE + 1):
        number += 1
        seen += len(line)
        if len(line) > MAX_LINE or seen > max_bytes:
            raise TooLarge("Lo enviado es demasiado grande.", extra={"line": number})
        if not line.strip():
            continue
        count += 1
        if count > max_lines:
            raise TooLarge(
                "El lote tiene demasiadas líneas.", code="too_many_lines", extra={"max_lines": max_lines}
            )
        yield number, _parsed(line)


def _parsed(line: bytes) -> Any:
    try:
        return strict_loads(line)
    except ValueError as error:
        return error


def json_object() -> dict[str, Any]:
    """The body as a JSON object, for views without a schema. Raises Invalid or 415."""
    body = request.get_data(cache=True)
    if not core.is_json(request.mimetype):
        raise UnsupportedMediaType
    try:
        value = strict_loads(body)
    except ValueError as error:
        raise Invalid("El contenido no es JSON válido.", code="not_json") from error
    if not isinstance(value, dict):
        raise Invalid("El contenido debe ser un objeto JSON.", code="wrong_shape")
    return value
