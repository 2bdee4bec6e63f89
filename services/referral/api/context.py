"""What every view needs: who calls, the router, a transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection

from services.referral.clients.intake import Intake
from services.referral.domain.status import Party
from services.referral.operations.routing import Router
from services.referral.operations.steps import Who
from services.referral.schemas.answers import ConflictSchema
from shared import bus
from shared.errors import Forbidden
from shared.web import ApiBlueprint, current_actor, engine, resource
from shared.web.api import PROBLEM
from shared.web.problems import ProblemSchema

MEANINGS = {
    400: "The body is not JSON",
    401: "Nobody signed in",
    403: "Not for the caller's role or organization",
    404: "No such thing, or none that the caller may know of",
    409: "The state of things does not allow it; `allowed` says what it does",
    413: "Larger than allowed",
    415: "Another content type than JSON",
    422: "Something is wrong; `errors` says what, by field",
    503: "A neighbour is away; try again",
}
SIGNED_IN = (401, 403)
BODY = (400, 413, 415, 422)


def who() -> Who:
    """Who calls. Raises Forbidden for a provider or focal point without an organization."""
    actor = current_actor()
    party = Party(actor.role)
    if party is not Party.COORDINATOR and actor.organization_id is None:
        raise Forbidden("Su cuenta no pertenece a ninguna organización.", code="no_organization")
    return Who(party, actor.account_id, actor.organization_id)


def router() -> Router:
    """The rules and directory of this process."""
    made: Router = resource("router")
    return made


def intake() -> Intake:
    """The client of the intake service."""
    made: Intake = resource("intake")
    return made


def transaction() -> AbstractContextManager[Connection]:
    """One transaction; doorbells ring after its commit."""
    return bus.transaction(engine(), resource("doorbell"))


def refuses(blueprint: ApiBlueprint, *statuses: int) -> Any:
    """Document that a view may answer `statuses`, each as problem details."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            document = blueprint.alt_response(
                status,
                schema=ConflictSchema if status == 409 else ProblemSchema,
                description=MEANINGS[status],
                content_type=PROBLEM,
            )
            view = document(view)
        return view

    return decorate
