"""What OpenAPI says about errors, the same words for the same status everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.web import ApiBlueprint
from shared.web.api import PROBLEM
from shared.web.problems import ProblemSchema

MEANINGS = {
    400: "The body is not JSON; `errors` says where it stops being so",
    401: "Nobody signed in",
    403: "Not for the caller's role or organization, or consent does not cover it",
    404: "No such thing, or none that the caller may know of",
    409: "The id is in use with other content",
    413: "Larger than allowed",
    415: "Another content type than the one above",
    422: "Something is wrong; `errors` says what, by field",
    503: "The database is away, or too much is waiting to be worked on; `Retry-After` says when to try again",
}
SIGNED_IN = (401, 403)
BODY = (400, 413, 415, 422)


def refuses(blueprint: ApiBlueprint, *statuses: int) -> Callable[[Any], Any]:
    """Document that a view may answer `statuses`, each as problem details."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            documented = blueprint.alt_response(
                status, schema=ProblemSchema, description=MEANINGS[status], content_type=PROBLEM
            )
            view = documented(view)
        return view

    return decorate
