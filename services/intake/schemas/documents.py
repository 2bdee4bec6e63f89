"""From bytes to a JSON document: strict, and never an error that is not a finding."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError

from services.intake.domain.findings import Findings, finding
from services.intake.schemas.fields import read_fields
from shared.errors import FieldError

MAX_DOCUMENT = 256 * 1024
"""Longest single document in bytes: a hundred times a full assessment."""

MAX_FINDINGS = 100
WHOLE = "body"
"""The path under which findings about the document as a whole stand."""


def parse(data: bytes, findings: Findings) -> Any:
    """The JSON value in `data`; None with a finding at `body` when there is none."""
    if not data.strip():
        findings.add(WHOLE, "body_empty")
        return None
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        findings.add(WHOLE, "body_not_text")
    except json.JSONDecodeError as error:
        findings.add(WHOLE, "body_not_json", line=error.lineno, column=error.colno)
    except RecursionError:
        findings.add(WHOLE, "body_too_deep")
    except ValueError:
        findings.add(WHOLE, "body_not_json", line=1, column=1)
    return None


def load(schema: Schema, document: Any, findings: Findings) -> dict[str, Any]:
    """`document` through `schema`, findings added by dotted path. Returns what was valid, so that rules about several
    fields can still look at those that are right."""
    try:
        return read_fields(schema, document)
    except ValidationError as error:
        _flatten(error.messages, "", findings)
        valid = error.valid_data
        return valid if isinstance(valid, dict) else {}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _flatten(messages: Any, path: str, findings: Findings) -> None:
    """Turn marshmallow's nested messages into `a.0.b` → findings; MAX_FINDINGS at most."""
    if isinstance(messages, dict):
        for key, below in messages.items():
            _flatten(below, path if key == "_schema" else _join(path, key), findings)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict):
            _flatten(message, path, findings)
        elif len(findings.fields) < MAX_FINDINGS:
            findings.fields.setdefault(path or WHOLE, []).append(_as_error(message, path))


def _join(path: str, key: object) -> str:
    shown = "".join(letter if letter.isprintable() else "�" for letter in str(key)[:60])
    return f"{path}.{shown}" if path else shown


def _as_error(message: Any, path: str) -> FieldError:
    if isinstance(message, FieldError):
        return message
    return (
        finding(str(message), name=path.rpartition(".")[2])
        if message == "unknown_field"
        else finding(message)
    )
