"""Pages of the referral service: the provider's, the coordinator's, drafts, the rules and the page of one referral."""

from services.referral.pages import (
    coordination,
    drafts,
    inbox,
    places,
    referral,
    rule_tables,
    rules,
    rules_standing,
)

PAGES = (
    inbox.blueprint,
    referral.blueprint,
    places.blueprint,
    coordination.blueprint,
    drafts.blueprint,
    rules.blueprint,
    rule_tables.blueprint,
    rules_standing.blueprint,
)
