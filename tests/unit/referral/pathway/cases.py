"""Short ways to write a person and ask the packaged pathway about her."""

from services.referral.domain.pathway import Need, Pathway, PersonCase, decide

COMMUNITY = Pathway.load()


def person(*needs, country="CO", age_band="18-59", gender="woman", **more):
    return PersonCase(country=country, age_band=age_band, gender=gender, needs=needs, **more)


def need(code, need_id="n1", **facts):
    return Need(need_id=need_id, code=code, facts=facts)


def one(code, facts=None, pathway=COMMUNITY, **more):
    """The decision for a person with this one need."""
    return decide(pathway, person(need(code, **(facts or {})), **more))[0]


def services(decision, *modes):
    """Service codes of a decision, of these modes only when given."""
    routes = (*decision.services, *decision.offers, *decision.notices)
    return [route.service for route in routes if not modes or route.mode in modes]
