"""Errors a caller is meant to see.

    AppError
    ├── Invalid       422  the input says something that cannot be
    ├── Unauthorized  401  nobody signed in, or a token that does not hold
    ├── Forbidden     403  signed in, but not for this
    ├── NotFound      404
    ├── Conflict      409  the state of things does not allow it (any more)
    ├── TooLarge      413
    └── Unavailable   503  try again; `retry_after` seconds

`message` is a Spanish sentence and a gettext id at once; the web frame translates it. Concrete errors
live beside the code that raises them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: a stable `code` and a Spanish sentence (gettext id).

    `params` fill `%(name)s` slots of the sentence after translation.
    """

    code: str
    message: str
    params: Mapping[str, Any] | None = None


class AppError(Exception):
    """An anticipated error, with a stable `code` and an HTTP `status`."""

    status = 400
    code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[FieldError]] | None = None,
        params: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = dict(fields or {})
        self.params = dict(params or {})
        self.extra = dict(extra or {})


class Invalid(AppError):
    status = 422
    code = "invalid"


class Unauthorized(AppError):
    status = 401
    code = "unauthorized"


class Forbidden(AppError):
    status = 403
    code = "forbidden"


class NotFound(AppError):
    status = 404
    code = "not_found"


class Conflict(AppError):
    status = 409
    code = "conflict"


class TooLarge(AppError):
    status = 413
    code = "too_large"


class Unavailable(AppError):
    """Temporarily impossible. `retry_after` is in seconds."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 5, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.retry_after = retry_after
