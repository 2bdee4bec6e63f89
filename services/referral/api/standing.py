"""The rules in force: what is found about them, and who answers for it."""

from __future__ import annotations

from typing import Any

from services.referral.api.context import BODY, SIGNED_IN, refuses
from services.referral.api.pathways import step
from services.referral.operations import watching
from services.referral.schemas import standing as schemas
from services.referral.schemas.pathways import ExemptSchema, PathwayVersionSchema
from shared.clock import utc_now
from shared.web import ApiBlueprint, allow, engine
from shared.web.catalog import language

blueprint = ApiBlueprint("standing", __name__, description="The rules in force: findings and exemptions")
REFUSALS = (*SIGNED_IN, 404, 409, *BODY)


@blueprint.get("/pathways/in-force")
@blueprint.response(200, schemas.InForceSchema)
@refuses(blueprint, *SIGNED_IN)
@allow("coordinator")
def get_in_force() -> dict[str, Any]:
    """What decides now and every finding about it, worst first: emergency help that nobody gives, findings that nobody
    answers for, exemptions that ran out, await a second person or run out soon."""
    with engine().connect() as conn:
        found = watching.in_force(conn, now=utc_now())
        lacking = watching.lacking(conn, now=utc_now())
    english = language() == "en"
    return {
        "id": found.id,
        "checked_at": found.watch.checked_at if found.watch else None,
        "demands": found.demands,
        "items": [
            {
                "key": one.noticed.found.key,
                "standing": one.standing.value,
                "table": one.noticed.found.table,
                "rows": list(one.noticed.found.rows),
                "place": one.noticed.found.place or None,
                "sentence": one.noticed.found.en if english else one.noticed.found.es,
                "since": one.noticed.since,
                "expires_on": one.exemption.expires_on if one.exemption else None,
            }
            for one in found.cases
        ],
        "lacking": [
            {"table": one.table, "row": one.row_id, "sentence": one.title_en if english else one.title_es}
            for one in lacking
        ],
    }


@blueprint.post("/pathways/<uuid:version_id>/exemptions")
@blueprint.arguments(ExemptSchema)
@blueprint.response(200, PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator", in_person=True)
def ask_exemptions(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Ask for exemptions on the version in force, until a day. They count once another coordinator confirms them.
    Somebody signed in has to ask: a program's token gets `person_needed`."""
    seen = body.pop("version")
    return step(version_id, seen, watching.ask, body.pop("keys"), **body)


@blueprint.post("/pathways/<uuid:version_id>/exemptions/confirm")
@blueprint.arguments(schemas.KeysSchema)
@blueprint.response(200, PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator", in_person=True)
def confirm_exemptions(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Confirm exemptions that another coordinator asked for. Somebody signed in has to: a program's token is no second
    person (`person_needed`)."""
    return step(version_id, body["version"], watching.confirm, body["keys"])


@blueprint.post("/pathways/<uuid:version_id>/exemptions/decline")
@blueprint.arguments(schemas.KeysSchema)
@blueprint.response(200, PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator")
def decline_exemptions(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Take exemptions back that nobody confirmed."""
    return step(version_id, body["version"], watching.decline, body["keys"])
