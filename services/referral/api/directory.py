"""The directory: services to search, places left, and where messages for staff go."""

from __future__ import annotations

from typing import Any

from services.referral.api.context import BODY, SIGNED_IN, refuses, router, transaction, who
from services.referral.api.referrals import cursor
from services.referral.domain.directory import Capacity, CapacityStatus
from services.referral.operations import places
from services.referral.operations.proving import reached
from services.referral.schemas.answers import (
    CapacityAnswerSchema,
    ContactsAnswerSchema,
    OffersSchema,
    OrganizationPageSchema,
    ServicePageSchema,
    ServiceSchema,
)
from services.referral.schemas.requests import CapacitySchema, ContactsSchema, ServicesSchema
from services.referral.store import offers
from shared.clock import local_day, utc_now
from shared.web import ApiBlueprint, PageArgs, allow, engine, page

blueprint = ApiBlueprint("directory", __name__, description="Services, organizations, places left")


@blueprint.get("/services")
@blueprint.arguments(ServicesSchema, location="query")
@blueprint.response(200, ServicePageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("provider", "focal_point", "coordinator", "admin")
def list_services(args: dict[str, Any]) -> dict[str, Any]:
    """Services of the directory. Where a place is confidential, no address exists here."""
    with engine().connect() as conn:
        found = offers.services(conn, args, after=cursor(args["after"]), limit=args["limit"])
    return page(found, limit=args["limit"], key=lambda one: (one["id"],))


@blueprint.get("/offers")
@blueprint.response(200, OffersSchema)
@refuses(blueprint, *SIGNED_IN)
@allow("coordinator")
def list_offers() -> dict[str, Any]:
    """What an active, verified provider gives, by locality of the plan: there, next to it, or at a distance. The proof
    of rule tables asks for it."""
    now = utc_now()
    with engine().connect() as conn:
        found = reached(router().catalogue.snapshot(conn, now=now), today=local_day(now))
    return {"offers": {place.locality: sorted(place.offered) for place in found}}


@blueprint.get("/services/<uuid:service_id>")
@blueprint.response(200, ServiceSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("provider", "focal_point", "coordinator", "admin")
def get_service(service_id: str) -> dict[str, Any]:
    """One service."""
    with engine().connect() as conn:
        return offers.service(conn, service_id)


@blueprint.put("/services/<uuid:service_id>/capacity")
@blueprint.arguments(CapacitySchema)
@blueprint.response(200, CapacityAnswerSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("provider")
def put_capacity(body: dict[str, Any], service_id: str) -> dict[str, Any]:
    """Say how many places a service of one's own organization has left, and until when to believe it."""
    said = Capacity(CapacityStatus(body["status"]), body["available"], body["valid_until"])
    with transaction() as conn:
        return places.say_capacity(conn, who(), service_id, said, now=utc_now())


@blueprint.get("/organizations")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, OrganizationPageSchema)
@refuses(blueprint, *SIGNED_IN, 422)
@allow("provider", "focal_point", "coordinator", "admin", "service")
def list_organizations(args: dict[str, Any]) -> dict[str, Any]:
    """Organizations of the directory."""
    with engine().connect() as conn:
        found = offers.organizations(conn, after=cursor(args["after"]), limit=args["limit"])
    return page(found, limit=args["limit"], key=lambda one: (one["id"],))


@blueprint.post("/organization-contacts/lookup")
@blueprint.arguments(ContactsSchema)
@blueprint.response(200, ContactsAnswerSchema)
@refuses(blueprint, *SIGNED_IN, *BODY)
@allow("service")
def look_up_contacts(body: dict[str, Any]) -> dict[str, Any]:
    """Where messages for the staff of up to 500 organizations go. Unknown ones are left out."""
    with engine().connect() as conn:
        return {"contacts": offers.contacts(conn, body["organization_ids"])}
