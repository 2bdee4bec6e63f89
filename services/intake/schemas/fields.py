"""Field types whose errors are codes of `domain.sentences`, so that every refusal has a sentence a person understands.

A message is either such a code or a FieldError with its values. Types are strict: a number is not a text, `1` is not
true, and a text that PostgreSQL or UTF-8 cannot hold is refused.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, cast
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, missing

from services.intake.domain.findings import finding, one_of
from shared import codes

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def refuse(code: str, **params: object) -> ValidationError:
    """The ValidationError for `code` with its sentence's values."""
    return ValidationError([finding(code, **params)])


CODES = {"required": "required", "null": "required", "invalid": "not_text", "type": "not_object"}


def read_fields(schema: Schema, value: Any) -> dict[str, Any]:
    """`value` through the fields of `schema`, every wrong one named. Raises ValidationError with what was right.

    marshmallow's own loading does the same and much that these schemas have no use for (hooks, partial loading,
    attributes by another name); on the way of every assessment this takes a quarter of the time.
    """
    if not isinstance(value, dict):
        raise refuse("not_object")
    known = cast(dict[str, Coded], schema.load_fields)
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, one in known.items():
        try:
            read = one.read(value[name]) if name in value else one.absent()
            if read is not missing:
                found[name] = read
        except ValidationError as error:
            errors[name] = error.messages
            if error.valid_data is not None:
                found[name] = error.valid_data
    if not value.keys() <= known.keys():
        errors |= {name: ["unknown_field"] for name in value.keys() - known.keys()}
    if errors:
        raise ValidationError(errors, valid_data=found)
    return found


class Coded(fields.Field):
    """Speaks in codes. Has no validators and processors besides `_deserialize`."""

    def __init__(self, *args: Any, invalid: str = "not_text", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, error_messages={**CODES, "invalid": invalid})

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        return self.absent() if value is missing else self.read(value)

    def absent(self) -> Any:
        """What stands for a field that was not sent."""
        if self.required:
            raise refuse("required")
        return self.load_default() if callable(self.load_default) else self.load_default

    def read(self, value: Any) -> Any:
        """What was sent, checked."""
        if value is not None:
            return self._deserialize(value, None, None)
        if self.allow_none:
            return None
        raise refuse("required")


class Text(Coded, fields.String):
    """A text of 1 to `limit` characters, spaces around it removed."""

    def __init__(self, *, limit: int = 200, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, minLength=1, maxLength=limit))
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        text = value.strip()
        if not text:
            raise refuse("text_empty")
        if len(text) > self.limit:
            raise refuse("text_too_long", limit=self.limit)
        if _UNREADABLE.search(text):
            raise refuse("text_unreadable")
        return text


class Identifier(Coded, fields.UUID):
    """A UUID, given back in its canonical lower-case text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        if isinstance(value, str) and len(value) == 36:
            try:
                return str(UUID(value))
            except ValueError:
                pass
        raise refuse("not_uuid")


class Coding(Coded, fields.String):
    """A code of one of the published lists; an unknown one is refused by name with the nearest known ones."""

    def __init__(self, list_name: str, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, enum=sorted(codes.values(list_name))))
        self.list_name = list_name
        self.known = codes.values(list_name)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value in self.known:
            return value
        near = codes.nearest(self.list_name, value[:40])
        if near:
            raise refuse("unknown_code_near", value=value, nearest=one_of(near))
        raise refuse("unknown_code", value=value)


class Choice(Coded, fields.String):
    """One of a few fixed words."""

    def __init__(self, *allowed: str, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, enum=list(allowed)))
        self.allowed = allowed

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value not in self.allowed:
            raise refuse("not_allowed", value=value, allowed=one_of(self.allowed))
        return value


class Matching(Coded, fields.String):
    """A text that matches a pattern as a whole, else `code`."""

    def __init__(self, pattern: str, code: str, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, pattern=f"^{pattern}$"))
        self.pattern = re.compile(pattern, re.ASCII)
        self.code = code

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not self.pattern.fullmatch(value):
            raise refuse(self.code, value=value)
        return value


class Whole(Coded, fields.Integer):
    """A whole number from `low` to `high`. `true` and `3.0` are none."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, minimum=low, maximum=high))
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int or not self.low <= value <= self.high:
            raise refuse("not_whole", low=self.low, high=self.high)
        return value


class YesNo(Coded, fields.Boolean):
    """`true` or `false`, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("not_boolean")
        return value


class Moment(Coded, fields.AwareDateTime):
    """An RFC 3339 time with an offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and _TIME.fullmatch(value):
            try:
                moment = datetime.fromisoformat(value.upper())
                moment.timestamp()
            except (ValueError, OverflowError):
                raise refuse("not_time") from None
            return moment
        raise refuse("not_time")


class Day(Coded, fields.Date):
    """A date, `year-month-day`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise refuse("not_date")


class Hour(Coded, fields.String):
    """A time of day, `HH:MM`, kept as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _HOUR.fullmatch(value):
            raise refuse("not_hour")
        time.fromisoformat(value)
        return value


class Several(Coded, fields.List):
    """A list of at most `limit` elements; equal ones count once."""

    def __init__(self, inner: fields.Field, *, limit: int = 50, **kwargs: Any) -> None:
        super().__init__(inner, invalid="not_list", **described(kwargs, maxItems=limit))
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(read_elements(self, value)))


class Group(Coded, fields.Nested):
    """A nested object."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        return read_fields(self.schema, value)


class Groups(Coded, fields.List):
    """A list of nested objects, at most `limit`."""

    def __init__(self, inner: fields.Field, *, limit: int, **kwargs: Any) -> None:
        super().__init__(inner, invalid="not_list", **described(kwargs, maxItems=limit))
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return read_elements(self, value)


def read_elements(several: Several | Groups, value: Any) -> list[Any]:
    """The elements of a list, each through its field. Raises ValidationError as `read_fields`."""
    if not isinstance(value, list):
        raise several.make_error("invalid")
    if len(value) > several.limit:
        raise refuse("list_too_long", limit=several.limit)
    inner = cast(Coded, several.inner)
    found: list[Any] = []
    errors: dict[int, Any] = {}
    for index, one in enumerate(value):
        try:
            found.append(inner.read(one))
        except ValidationError as error:
            errors[index] = error.messages
            if error.valid_data is not None:
                found.append(error.valid_data)
    if errors:
        raise ValidationError(errors, valid_data=found)
    return found


def described(kwargs: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """`kwargs` with `properties` added to what OpenAPI says about the field."""
    return {**kwargs, "metadata": {**properties, **kwargs.get("metadata", {})}}
