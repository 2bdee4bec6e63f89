"""HTML forms through the same marshmallow schemas as JSON, and what goes back into the page when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from flask import request

from shared.errors import AppError
from shared.web.catalog import translate
from shared.web.messages import field_errors


@dataclass
class Form:
    """What somebody sent: `data` when it holds, else `errors` as `[{field, code, message}]`.

    `sent` is the text as typed, to fill the inputs again.
    """

    data: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)

    def refuse(self, error: AppError) -> None:
        """Show an operation's error on the form: beside its fields, or on top when it names none."""
        for name, found in error.fields.items():
            for one in found:
                self.errors.append(
                    {"field": name, "code": one.code, "message": translate(one.message, one.params)}
                )
        if not error.fields:
            self.errors.append(
                {"field": "", "code": error.code, "message": translate(error.message, error.params)}
            )


def read_form(schema: ma.Schema) -> Form:
    """The request's form by `schema`. Texts are stripped, empty ones count as not sent, unknown fields are ignored."""
    several = {name for name, one in schema.fields.items() if isinstance(one, ma.fields.List)}
    sent: dict[str, Any] = {}
    for name in request.form:
        values = [value.strip() for value in request.form.getlist(name) if value.strip()]
        if values:
            sent[name] = values if name in several else values[0]
    try:
        data = schema.load(sent, unknown=ma.EXCLUDE)
    except ma.ValidationError as error:
        return Form(errors=field_errors(error.normalized_messages()), sent=sent)
    return Form(data=dict(data), sent=sent)
