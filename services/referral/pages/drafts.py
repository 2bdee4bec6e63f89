"""Drafts: notices to authorities and steps that wait for another one, until a person sends them."""

from __future__ import annotations

from flask import Blueprint, render_template

from services.referral.api.context import who
from services.referral.domain.status import CANCEL_REASONS, Party
from services.referral.domain.visibility import view
from services.referral.pages import words
from services.referral.pages.referral import guidance_for
from services.referral.store import lists
from shared.web import allow, engine

blueprint = Blueprint("drafts", __name__)
MOST = 200


@blueprint.get("/drafts")
@allow("focal_point", "coordinator")
def show_drafts() -> str:
    """Drafts to confirm, most urgent first: one's own organization's, or all for a coordinator."""
    caller = who()
    referrer_id = None if caller.party is Party.COORDINATOR else caller.organization_id
    with engine().connect() as conn:
        found = lists.drafts(conn, referrer_id=referrer_id, limit=MOST)
        names = lists.names(conn, [one.service_id for one in found])
        told = [guidance_for(conn, caller, one) for one in found]
    return render_template(
        "drafts.html",
        drafts=[
            (view(one, caller.party), one.route.get("waits_for"), what)
            for one, what in zip(found, told, strict=True)
        ],
        names=names,
        what_for=words.what_for,
        plain_service=words.plain_service,
        cancel_reasons=words.choices("cancel_reasons", only=CANCEL_REASONS),
    )
