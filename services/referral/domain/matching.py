"""Find who can give a kind of help to a person: hard filters, then a score, then a tie-break that always agrees.

Rings: the person's own locality, then its neighbours, then what reaches the whole country (by phone, or national).
The first ring with anyone eligible wins, so that nobody is sent away from home without need.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from heapq import nsmallest

from services.referral.domain.directory import CapacityStatus, Freshness, Service
from services.referral.domain.filters import GAP_OF, Moment, Wanted, first_failure
from services.referral.domain.geography import Place, default_timezone, places
from services.referral.domain.snapshot import Snapshot

WEIGHTS = {"distance": 0.30, "availability": 0.25, "fit": 0.20, "performance": 0.15, "fairness": 0.10}
LOCAL, NEIGHBOUR, REACH = 1, 2, 3
SHOWN = 3
WHY_NOT_KEPT = 25
"""How many excluded services a decision names; the rest are counted by reason."""
FAR_KM = 300.0
SOFT_PREFERENCES = {
    "peer_led": "peer_led",
    "women_staffed": "women_staffed",
    "lgbtiq_friendly": "lgbtiq_safe",
}
AVAILABILITY = {
    CapacityStatus.HAS_CAPACITY: 1.0,
    CapacityStatus.ASSESSMENT: 0.6,
    CapacityStatus.UNKNOWN: 0.5,
    CapacityStatus.WAITLIST: 0.2,
    CapacityStatus.NO_CAPACITY: 0.0,
}
UNRATED = 0.5
FULL = "no_capacity"
"""The only filter that asks how many referrals wait."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service that may be asked, with the parts of its score (each 0 to 1) and warnings for people."""

    service: Service
    ring: int
    kilometres: float
    parts: Mapping[str, float]
    score: float
    tie: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """`best` holds up to three candidates, best first; none means a gap with `gap_reason`.

    `why_not` maps service ids to the filter that excluded them, `excluded` counts all of them by filter. `waiting` and
    `record` are the unanswered referrals of services and the records of organizations that the decision hung on: with
    them the same directory gives the same answer again.
    """

    best: tuple[Candidate, ...]
    eligible: int
    why_not: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    gap_reason: str | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> Candidate | None:
        return self.best[0] if self.best else None


def match(
    snapshot: Snapshot, wanted: Wanted, *, now: datetime, pending: Mapping[str, int] | None = None
) -> Match:
    """Choose for `wanted`. `pending` counts unanswered referrals per service and defaults to the snapshot's. Same
    arguments, same answer."""
    waiting = snapshot.pending if pending is None else pending
    place = places().get(wanted.locality) or Place(
        wanted.locality, wanted.country, default_timezone(wanted.country), ()
    )
    moment = Moment.at(now, place)
    why_not: dict[str, str] = {}
    waited: dict[str, int] = {}
    for ring, found in _rings(snapshot, wanted, place):
        eligible = []
        for service, kilometres in found:
            count = waiting.get(service.id, 0)
            failure = first_failure(wanted, service, moment, count)
            if count and (failure is None or failure == FULL):
                waited[service.id] = count
            if failure is None:
                eligible.append((service, kilometres))
            else:
                why_not.setdefault(service.id, failure)
        if eligible:
            scored = [_score(snapshot, wanted, one, ring, (moment, waiting)) for one in eligible]
            best = tuple(sorted(scored, key=_order)[:SHOWN])
            record = _records(snapshot, eligible)
            return Match(best, len(eligible), _kept(why_not), _counted(why_not), None, waited, record)
    reason = _gap(snapshot, wanted, why_not)
    return Match((), 0, _kept(why_not), _counted(why_not), reason, waited)


def why_not(
    snapshot: Snapshot, wanted: Wanted, service: Service, *, now: datetime, pending: Mapping[str, int]
) -> str | None:
    """Why `service` would not be asked: a filter's code, `other_service`, `other_area`, or None when it is eligible."""
    if not service.active:
        return "not_active"
    if wanted.service_type not in service.types:
        return "other_service"
    place = places().get(wanted.locality) or Place(
        wanted.locality, wanted.country, default_timezone(wanted.country), ()
    )
    if not any(service.id == one.id for _, found in _rings(snapshot, wanted, place) for one, _ in found):
        return "other_area"
    return first_failure(wanted, service, Moment.at(now, place), pending.get(service.id, 0))


def _rings(
    snapshot: Snapshot, wanted: Wanted, place: Place
) -> Iterator[tuple[int, list[tuple[Service, float]]]]:
    """Each ring with the services that are new in it and their distance in km; later rings only when asked for."""
    kind = wanted.service_type
    local = [(service, 0.0) for service in snapshot.here.get((kind, wanted.locality), ())]
    yield LOCAL, local
    seen = {service.id for service, _ in local}
    near: dict[str, tuple[Service, float]] = {}
    for neighbour, kilometres in place.neighbours:
        for service in snapshot.here.get((kind, neighbour), ()):
            if service.id not in seen and service.country == wanted.country:
                near.setdefault(service.id, (service, kilometres))
    yield NEIGHBOUR, list(near.values())
    reach = snapshot.reach.get((kind, wanted.country), ())
    yield REACH, [(one, FAR_KM) for one in reach if one.id not in seen and one.id not in near]


def _score(
    snapshot: Snapshot,
    wanted: Wanted,
    found: tuple[Service, float],
    ring: int,
    when: tuple[Moment, Mapping[str, int]],
) -> Candidate:
    service, kilometres = found
    moment, waiting = when
    pending = waiting.get(service.id, 0)
    parts = {
        "distance": _distance(ring, kilometres),
        "availability": _availability(service, moment, pending),
        "fit": _fit(wanted, service),
        "performance": snapshot.performance.get(service.organization_id, UNRATED),
        "fairness": round(1 / (1 + pending), 4),
    }
    total = round(sum(WEIGHTS[name] * value for name, value in parts.items()), 4)
    tie = blake2b(f"{wanted.seed}{service.id}".encode(), digest_size=4).hexdigest()
    return Candidate(service, ring, kilometres, parts, total, tie, _warnings(service, moment))


def _order(candidate: Candidate) -> tuple[float, float, str, str]:
    return (-candidate.score, candidate.kilometres, candidate.tie, candidate.service.id)


def _distance(ring: int, kilometres: float) -> float:
    if ring == LOCAL:
        return 1.0
    if ring == NEIGHBOUR:
        return round(max(0.1, 0.7 * (1 - kilometres / FAR_KM)), 4)
    return 0.4


def _availability(service: Service, moment: Moment, pending: int) -> float:
    status = service.capacity.at(moment.now)
    left = service.capacity.available
    if status is CapacityStatus.HAS_CAPACITY and left is not None and left <= pending:
        status = CapacityStatus.WAITLIST
    return AVAILABILITY[status]


def _fit(wanted: Wanted, service: Service) -> float:
    asked = [SOFT_PREFERENCES[one] for one in wanted.preferences if one in SOFT_PREFERENCES]
    met = sum(capability in service.capabilities for capability in asked)
    spoken = bool(wanted.languages & service.languages)
    return round(0.5 + (0.4 * met / len(asked) if asked else 0.2) + (0.1 if spoken else 0.0), 4)


def _warnings(service: Service, moment: Moment) -> tuple[str, ...]:
    found = []
    if service.freshness(moment.today) is Freshness.STALE:
        found.append("not_verified_lately")
    if service.capacity.at(moment.now) is CapacityStatus.UNKNOWN:
        found.append("capacity_unknown")
    if not service.always_open and not service.openings:
        found.append("hours_unknown")
    return tuple(found)


def _records(snapshot: Snapshot, eligible: list[tuple[Service, float]]) -> dict[str, float]:
    known = snapshot.performance
    if not known:
        return {}
    return {
        one.organization_id: known[one.organization_id] for one, _ in eligible if one.organization_id in known
    }


def _counted(excluded: dict[str, str]) -> dict[str, int]:
    return dict(Counter(excluded.values())) if excluded else {}


def _kept(excluded: dict[str, str]) -> dict[str, str]:
    """Those with the lowest ids, so that every machine names the same ones."""
    if len(excluded) <= WHY_NOT_KEPT:
        return excluded
    return {one: excluded[one] for one in nsmallest(WHY_NOT_KEPT, excluded)}


def _gap(snapshot: Snapshot, wanted: Wanted, excluded: Mapping[str, str]) -> str:
    """The reason that removed most, told in the words of the gap ledger."""
    if excluded:
        counted = Counter(GAP_OF[code] for code in excluded.values())
        return min(counted, key=lambda reason: (-counted[reason], reason))
    exists = snapshot.anywhere.get((wanted.service_type, wanted.country), 0)
    return "too_far" if exists else "no_service"
