"""For the other services: what they may know of a person, for one purpose, with consent checked at that moment."""

from __future__ import annotations

from typing import Any

from services.intake.api.bodies import documented, read_body
from services.intake.api.context import look, transaction, vault
from services.intake.api.refusals import BODY, SIGNED_IN, refuses
from services.intake.operations import protecting
from services.intake.schemas.answers import ContactsAnswerSchema, SharedViewSchema
from services.intake.schemas.requests import ContactLookupSchema, SharedViewRequestSchema
from shared.ids import new_id
from shared.web import ApiBlueprint, allow

blueprint = ApiBlueprint("persons", __name__, description="Persons, for the other services")


@blueprint.post("/safe-contacts/lookup")
@blueprint.doc(requestBody=documented(ContactLookupSchema))
@blueprint.response(200, ContactsAnswerSchema)
@refuses(blueprint, *SIGNED_IN, *BODY)
@allow("service")
def look_up_contacts() -> dict[str, Any]:
    """How up to 500 persons may be reached by an automated message. Consent is checked now; without it there is no
    number in the answer. Persons we do not know are left out."""
    body = read_body(ContactLookupSchema)
    person_ids = body["person_ids"]
    with transaction() as conn:
        contacts = protecting.contacts_for_messages(
            conn,
            vault(),
            person_ids=person_ids,
            look=look(body["purpose"]),
            new_ids=[new_id() for _ in person_ids],
        )
    return {"contacts": contacts}


@blueprint.post("/persons/shared-view")
@blueprint.doc(requestBody=documented(SharedViewRequestSchema))
@blueprint.response(200, SharedViewSchema)
@refuses(blueprint, *SIGNED_IN, *BODY)
@allow("service")
def shared_view() -> dict[str, Any]:
    """What an organization may know of a person for one need: only what was consented to. Looking is written down,
    refused or not."""
    body = read_body(SharedViewRequestSchema)
    with transaction() as conn:
        shown = protecting.shared_view(
            conn,
            vault(),
            person_id=body["person_id"],
            need_id=body["need_id"],
            look=look("referral", body["organization_id"]),
        )
    if shown is None:
        raise protecting.NotShared
    return shown
