"""The steps of a referral: one route per verb, each with the version of the view it was decided on."""

from __future__ import annotations

from typing import Any

from services.referral.api.context import BODY, SIGNED_IN, refuses, router, transaction, who
from services.referral.domain.referral import Answer
from services.referral.domain.status import Action
from services.referral.domain.visibility import view
from services.referral.operations import reopening
from services.referral.operations.steps import Asked, take_step
from services.referral.schemas.answers import ReferralSchema
from services.referral.schemas.requests import (
    AcceptSchema,
    CancelSchema,
    CompleteSchema,
    HoldSchema,
    KeySchema,
    RejectSchema,
    StepSchema,
)
from shared.clock import utc_now
from shared.web import ApiBlueprint, allow

blueprint = ApiBlueprint("steps", __name__, description="The steps of a referral")
REFUSALS = (*SIGNED_IN, 404, 409, *BODY)


def step_route(name: str, schema: Any, *roles: str) -> Any:
    """A view for the step `name`: body by `schema`, for `roles`."""

    def decorate(view_function: Any) -> Any:
        made = allow(*roles)(view_function)
        made = refuses(blueprint, *REFUSALS)(made)
        made = blueprint.response(200, ReferralSchema)(made)
        made = blueprint.arguments(KeySchema, location="headers")(made)
        made = blueprint.arguments(schema)(made)
        return blueprint.post(f"/referrals/<uuid:referral_id>/{name}")(made)

    return decorate


def _take(action: Action, referral_id: str, body: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    caller = who()
    answer = Answer(**{name: value for name, value in body.items() if name != "version"})
    asked = Asked(referral_id, action, body["version"], answer, headers["key"])
    with transaction() as conn:
        return view(take_step(conn, router(), caller, asked, now=utc_now()), caller.party)


@step_route("confirm", StepSchema, "focal_point", "coordinator")
def confirm(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Send a draft, e.g. a notice to an authority."""
    return _take(Action.CONFIRM, referral_id, body, headers)


@step_route("acknowledge", StepSchema, "provider")
def acknowledge(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Say that somebody has seen it. Does not stop the clock."""
    return _take(Action.ACKNOWLEDGE, referral_id, body, headers)


@step_route("accept", AcceptSchema, "provider")
def accept(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Take the person on, with a first appointment if there is one."""
    return _take(Action.ACCEPT, referral_id, body, headers)


@step_route("reject", RejectSchema, "provider")
def reject(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Say no, with a coded reason. The next candidate is asked at once."""
    return _take(Action.REJECT, referral_id, body, headers)


@step_route("start", StepSchema, "provider")
def start(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """The first contact took place."""
    return _take(Action.START, referral_id, body, headers)


@step_route("hold", HoldSchema, "provider")
def hold(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Put on hold: waiting list, a question to the focal point, or the person cannot be reached."""
    return _take(Action.HOLD, referral_id, body, headers)


@step_route("resume", StepSchema, "provider", "focal_point")
def resume(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """The question is answered, or the person was found."""
    return _take(Action.RESUME, referral_id, body, headers)


@step_route("complete", CompleteSchema, "provider", "focal_point")
def complete(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Close with an outcome."""
    return _take(Action.COMPLETE, referral_id, body, headers)


@step_route("cancel", CancelSchema, "focal_point", "coordinator")
def cancel(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Take it back, with a coded reason."""
    return _take(Action.CANCEL, referral_id, body, headers)


@step_route("reroute", StepSchema, "focal_point", "coordinator")
def reroute(body: dict[str, Any], headers: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Ask the next candidate after one that said no or did not answer, when nobody was asked by itself. Answers the
    new referral; 409 `nobody_left` when there is none. Repeating is safe: the ended referral has a successor then."""
    caller = who()
    with transaction() as conn:
        new = reopening.reroute(conn, router(), caller, (referral_id, body["version"]), now=utc_now())
        return view(new, caller.party)
