"""The JSON side of the referral service, below `/referral/api/v1`."""

from services.referral.api import directory, gaps, pathways, receipts, referrals, standing, steps

BLUEPRINTS = (
    referrals.blueprint,
    steps.blueprint,
    receipts.blueprint,
    gaps.blueprint,
    directory.blueprint,
    pathways.blueprint,
    standing.blueprint,
)
