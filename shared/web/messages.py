"""marshmallow's findings as stable codes and translated sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from shared.web.catalog import N_, translate

LOCATIONS = frozenset(
    {"json", "query", "querystring", "form", "headers", "cookies", "files", "path", "view_args"}
)


class Coded(str):
    """A Spanish sentence (gettext id) with a stable code, for `raise ValidationError(Coded("…", code="…"))`.

    `params` fill `%(name)s` slots after translation.
    """

    code: str
    params: dict[str, Any]

    def __new__(cls, message: str, *, code: str, **params: Any) -> Coded:
        made = super().__new__(cls, message)
        made.code = code
        made.params = params
        return made


# What marshmallow 4 and webargs 8 say, as a pattern; the code we promise; our sentence.
KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"Missing data for required field\.", "required", N_("Falta este dato.")),
    (r"Field may not be null\.", "required", N_("Falta este dato.")),
    (r"Unknown field\.", "unknown_field", N_("No conocemos este campo.")),
    (r"Not a valid string\.|Not a valid utf-8 string\.", "not_text", N_("Debe ser un texto.")),
    (r"Not a valid integer\.", "not_an_integer", N_("Debe ser un número entero.")),
    (r"Not a valid number\.", "not_a_number", N_("Debe ser un número.")),
    (r"Number too large\.", "too_large", N_("El número es demasiado grande.")),
    (r"Special numeric values .*", "not_a_number", N_("Debe ser un número.")),
    (r"Not a valid boolean\.", "not_yes_no", N_("Debe ser sí o no (true o false).")),
    (r"Not a valid date\.", "not_a_date", N_("Debe ser una fecha como 2026-11-22.")),
    (
        r"Not a valid (naive |aware )?datetime\.",
        "not_a_time",
        N_("Debe ser fecha y hora como 2026-11-22T10:40:00-05:00."),
    ),
    (r"Not a valid time\.", "not_a_time_of_day", N_("Debe ser una hora como 09:00.")),
    (r"Not a valid UUID\.", "not_an_id", N_("Debe ser un identificador UUID.")),
    (r"Not a valid email address\.", "not_an_email", N_("Debe ser un correo electrónico.")),
    (r"Not a valid URL\.", "not_a_url", N_("Debe ser una dirección web.")),
    (r"Not a valid (list|tuple|mapping type)\.", "wrong_shape", N_("Tiene otra forma de la que se espera.")),
    (
        r"Invalid (input type|type)\.|Invalid value\.?",
        "wrong_shape",
        N_("Tiene otra forma de la que se espera."),
    ),
    (r"Must be one of: (?P<choices>.*)\.", "unknown_code", N_("Debe ser uno de estos valores: %(choices)s.")),
    (
        r"Must be greater than or equal to (?P<min>[^ ]+) and less than or equal to (?P<max>.+)\.",
        "out_of_range",
        N_("Debe estar entre %(min)s y %(max)s."),
    ),
    (
        r"Must be greater than or equal to (?P<min>[^ ]+?)( and .*)?\.?",
        "too_small",
        N_("Debe ser al menos %(min)s."),
    ),
    (r"Must be greater than (?P<min>[^ ]+?)( and .*)?\.?", "too_small", N_("Debe ser mayor que %(min)s.")),
    (r"Must be less than or equal to (?P<max>.+)\.", "too_large", N_("Debe ser como máximo %(max)s.")),
    (r"Must be less than (?P<max>.+)\.", "too_large", N_("Debe ser menor que %(max)s.")),
    (
        r"Shorter than minimum length (?P<min>\d+)\.",
        "too_short",
        N_("Debe tener al menos %(min)s caracteres o elementos."),
    ),
    (
        r"Longer than maximum length (?P<max>\d+)\.",
        "too_long",
        N_("Debe tener como máximo %(max)s caracteres o elementos."),
    ),
    (
        r"Length must be between (?P<min>\d+) and (?P<max>\d+)\.",
        "wrong_length",
        N_("Debe tener entre %(min)s y %(max)s caracteres o elementos."),
    ),
    (r"Length must be (?P<equal>\d+)\.", "wrong_length", N_("Debe tener %(equal)s caracteres o elementos.")),
    (r"String does not match expected pattern\.", "wrong_pattern", N_("No tiene la forma esperada.")),
    (r"Invalid JSON body\.", "not_json", N_("El contenido no es JSON válido.")),
)
PATTERNS = tuple((re.compile(pattern), code, sentence) for pattern, code, sentence in KNOWN)


def field_errors(messages: Any) -> list[dict[str, str]]:
    """Nested findings, flattened to `[{field, code, message}]` in the caller's language."""
    if isinstance(messages, dict) and set(messages) <= LOCATIONS:
        return [one for inner in messages.values() for one in field_errors_at("", inner)]
    return field_errors_at("", messages)


def field_errors_at(path: str, messages: Any) -> list[dict[str, str]]:
    return [
        {"field": field, "code": code, "message": message}
        for field, code, message in _flatten(path, messages)
    ]


def _flatten(path: str, messages: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            below = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            yield from _flatten(below, inner)
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _flatten(path, inner)
    else:
        yield (path, *_told(messages))


def _told(message: Any) -> tuple[str, str]:
    if isinstance(message, Coded):
        return message.code, translate(str(message), message.params)
    text = str(message)
    for pattern, code, sentence in PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return code, translate(sentence, found.groupdict())
    return "invalid", translate(text)
