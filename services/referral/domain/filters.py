"""The hard filters of matching: who cannot give this help to this person, each with a coded reason.

Source: community protection pathway, provider matching. The order is that of the table below: the first filter
that fails is the one told to people who ask "why not".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.referral.domain.directory import CapacityStatus, Freshness, Service
from services.referral.domain.geography import Place

RESTRICTED = "S3"
EMERGENCY_LINE = "EM_LINE"
NO_DOCUMENT_ASKED = frozenset(
    {EMERGENCY_LINE, "HE_EMERG", "HE_CMR", "PS_CRISIS", "SAFE", "GBV_CM", "CP_AUTH"}
)
"""Help for which no paper may be demanded, whatever the directory says."""
FREE_FOR = frozenset({"PRO", "GBV", "CP", "TIP"})
VETTED = {"GBV": "gbv_vetted", "CP": "cp_vetted", "TIP": "tip_vetted"}
HARD_PREFERENCES = {"women_staffed": "women_staffed", "lgbtiq_friendly": "lgbtiq_safe"}
"""Preferences that exclude when the person asks for them, with the verified capability that meets each."""
SERVES = {
    "woman": "women",
    "man": "men",
    "trans_woman": "trans_women",
    "trans_man": "trans_men",
    "non_binary": "non_binary",
}
AGES = {"0-4": (0, 4), "5-11": (5, 11), "12-17": (12, 17), "18-59": (18, 59), "60+": (60, 130)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One kind of help looked for on behalf of one person. Bands and codes only; `within_hours` is how soon.

    `seed` breaks ties: the same for all needs of an assessment, so that one person meets few organizations.

    `capabilities` must all be held, `barred` ones must not. `withheld` are organizations that must not learn of the
    person, `tried` services that were asked before. An empty `documents` means that nobody asked about papers.
    """

    seed: str
    need_code: str
    service_type: str
    priority: int
    country: str
    locality: str
    sensitivity: str = "S1"
    within_hours: float = 168
    capabilities: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    age_band: str = "unknown"
    gender: str = "unknown"
    languages: frozenset[str] = frozenset({"es"})
    documents: frozenset[str] = frozenset()
    accessibility: frozenset[str] = frozenset()
    preferences: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    tried: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        return self.need_code.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where: the instant, and the same on the clock of the place where the person is."""

    now: datetime
    local: datetime
    today: date

    @classmethod
    def at(cls, now: datetime, place: Place) -> "Moment":
        local = now.astimezone(place.timezone)
        return cls(now, local, local.date())


Filter = Callable[[Wanted, Service, Moment, int], bool]
"""Passes (True) or excludes. The last argument counts the service's unanswered referrals."""


def _not_withheld(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return service.organization_id not in wanted.withheld or service.types == {EMERGENCY_LINE}


def _not_tried(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return service.id not in wanted.tried


def _capable(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return wanted.capabilities <= service.capabilities and not (wanted.barred & service.capabilities)


def _age(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    if wanted.age_band not in AGES:
        return True
    youngest, oldest = AGES[wanted.age_band]
    too_young = service.minimum_age is not None and oldest < service.minimum_age
    too_old = service.maximum_age is not None and youngest > service.maximum_age
    return not (too_young or too_old)


def _gender(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return not service.serves or wanted.gender not in SERVES or SERVES[wanted.gender] in service.serves


def _documents(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    if not service.documents or not wanted.documents or wanted.service_type in NO_DOCUMENT_ASKED:
        return True
    return bool(service.documents & wanted.documents)


def _language(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    if "es" in wanted.languages or not wanted.languages:
        return True
    return bool(wanted.languages & service.languages) or "interpreter" in service.capabilities


def _accessible(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    asked = wanted.accessibility - {"companion"}
    if "home_visit" in service.accessibility or (service.remote and not service.areas):
        asked = asked - {"step_free", "home_visit"}
    return asked <= service.accessibility


def _cost(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return service.free or wanted.domain not in FREE_FOR


def _vetted(wanted: Wanted, service: Service, moment: Moment, _pending: int) -> bool:
    gate = VETTED.get(wanted.domain)
    if gate is None or wanted.sensitivity != RESTRICTED or service.public:
        return True
    if gate not in service.gates:
        return False
    until = service.gates[gate]
    return until is None or until >= moment.today


def _fresh(wanted: Wanted, service: Service, moment: Moment, _pending: int) -> bool:
    if wanted.service_type == EMERGENCY_LINE:
        return True
    return service.freshness(moment.today) is not Freshness.EXCLUDED


def _preferred(wanted: Wanted, service: Service, _moment: Moment, _pending: int) -> bool:
    return all(
        capability in service.capabilities
        for preference, capability in HARD_PREFERENCES.items()
        if preference in wanted.preferences
    )


def _capacity(wanted: Wanted, service: Service, moment: Moment, pending: int) -> bool:
    status = service.capacity.at(moment.now)
    if status is CapacityStatus.NO_CAPACITY:
        return False
    if wanted.priority > 1:
        return True
    full = service.capacity.available is not None and service.capacity.available <= pending
    return status is not CapacityStatus.WAITLIST and not (status is CapacityStatus.HAS_CAPACITY and full)


def _hours(wanted: Wanted, service: Service, moment: Moment, _pending: int) -> bool:
    return wanted.priority > 0 or service.opens_within(moment.local, wanted.within_hours) is not False


FILTERS: Mapping[str, Filter] = {
    "excluded": _not_withheld,
    "tried_before": _not_tried,
    "capability": _capable,
    "age": _age,
    "gender": _gender,
    "not_vetted": _vetted,
    "stale": _fresh,
    "preference": _preferred,
    "documents": _documents,
    "language": _language,
    "accessibility": _accessible,
    "cost": _cost,
    "no_capacity": _capacity,
    "closed_now": _hours,
}
GAP_OF = {
    "excluded": "excluded",
    "tried_before": "attempts_exhausted",
    "capability": "no_service",
    "age": "not_eligible",
    "gender": "not_eligible",
    "not_vetted": "unsafe",
    "stale": "no_service",
    "preference": "unsafe",
    "documents": "document_asked",
    "language": "language",
    "accessibility": "accessibility",
    "cost": "not_eligible",
    "no_capacity": "no_capacity",
    "closed_now": "closed_now",
}
"""What a gap is called when this filter removed the last candidates (codes of the list of gap reasons)."""
_ORDERED = tuple(FILTERS.items())


def first_failure(wanted: Wanted, service: Service, moment: Moment, pending: int) -> str | None:
    """The code of the first filter that excludes `service`; None when it may be asked."""
    for code, passes in _ORDERED:
        if not passes(wanted, service, moment, pending):
            return code
    return None
