"""Lists page by key, never by offset: stable under inserts, equally fast on the last page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma
from sqlalchemy import ColumnElement, Select, tuple_

from shared.errors import Invalid

MAX_LIMIT = 200


class PageArgs(ma.Schema):
    """`limit` and `after` of every list."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=MAX_LIMIT))
    after = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(max=500),
        metadata={"description": "`next` of the page before"},
    )


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row shown, as opaque text. Values must be JSON (times as RFC 3339)."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode_cursor(text: str | None, *, size: int) -> tuple[Any, ...] | None:
    """The sort key of `size` scalar values back from the text; None for none. Raises Invalid (`bad_cursor`)."""
    if not text:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        key = None
    if (
        not isinstance(key, list)
        or len(key) != size
        or not all(isinstance(v, str | int | float) for v in key)
    ):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return tuple(key)


def keyset(
    query: Select[Any],
    columns: Sequence[ColumnElement[Any]],
    *,
    after: Sequence[Any] | None,
    limit: int,
    descending: bool = False,
) -> Select[Any]:
    """`query` sorted by `columns`, behind the key `after`, with one row more than `limit` to know if others follow."""
    if after is not None:
        here = tuple_(*columns)
        there = tuple_(*after, types=[column.type for column in columns])
        query = query.where(here < there if descending else here > there)
    order = [column.desc() if descending else column.asc() for column in columns]
    return query.order_by(*order).limit(limit + 1)


def page(rows: Sequence[Any], *, limit: int, key: Callable[[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """`{"items": […], "next": cursor or None}` from up to `limit + 1` rows."""
    shown = list(rows[:limit])
    following = encode_cursor(*key(shown[-1])) if len(rows) > limit else None
    return {"items": shown, "next": following}
