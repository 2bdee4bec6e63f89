"""The directory as data: who offers what, for whom, where, when, and how many places are left.

Every entry is dated: what nobody has confirmed for long is believed less (provider data unverified for 90 days
warn, after 180 days they leave automatic matching, save emergency lines).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

WARN_AFTER = timedelta(days=90)
EXCLUDE_AFTER = timedelta(days=180)
CAPACITY_BELIEVED = timedelta(days=7)
"""How long a count of places is believed when the provider did not say."""


class CapacityStatus(StrEnum):
    """The vocabulary of FHIR SDOH Clinical Care for places left."""

    HAS_CAPACITY = "has_capacity"
    NO_CAPACITY = "no_capacity"
    WAITLIST = "waitlist"
    ASSESSMENT = "assessment"
    UNKNOWN = "unknown"


class Freshness(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Who offers services. `phone` (E.164) is where staff messages go. `gates` map a quality gate to its last day."""

    id: str
    name: str
    description: str = ""
    kind: str = ""
    country: str = ""
    phone: str | None = None
    language: str = "es"
    timezone: str = "America/Bogota"
    email: str | None = None
    website: str | None = None
    gates: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a service is met. A confidential one has a locality and nothing else."""

    id: str
    name: str = ""
    locality: str = ""
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """Places left, believed until `valid_until`; `available` is None when they are not counted."""

    status: CapacityStatus = CapacityStatus.UNKNOWN
    available: int | None = None
    valid_until: datetime | None = None
    updated_at: datetime | None = None

    def at(self, now: datetime) -> CapacityStatus:
        """What may be believed now: an expired count is unknown, a count of nought is no capacity."""
        if self.valid_until is None or self.valid_until <= now:
            return CapacityStatus.UNKNOWN
        if self.status is CapacityStatus.HAS_CAPACITY and self.available == 0:
            return CapacityStatus.NO_CAPACITY
        return self.status


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on `weekday` (0 Monday) from minute `opens` to minute `closes` of the day, local time."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One help that an organization offers. Empty sets mean: `serves` everyone, no `documents` asked, hours unknown.

    `areas` are localities served on the spot; `national` and `remote` reach the whole `country`.
    """

    id: str
    organization_id: str
    name: str
    types: frozenset[str]
    country: str
    areas: frozenset[str] = frozenset()
    active: bool = True
    national: bool = False
    remote: bool = False
    capabilities: frozenset[str] = frozenset()
    serves: frozenset[str] = frozenset()
    minimum_age: float | None = None
    maximum_age: float | None = None
    languages: frozenset[str] = frozenset({"es"})
    documents: frozenset[str] = frozenset()
    accessibility: frozenset[str] = frozenset()
    free: bool = True
    openings: tuple[Opening, ...] = ()
    always_open: bool = False
    public: bool = False
    gates: Mapping[str, date | None] = field(default_factory=dict)
    confidential: bool = False
    valid_to: date | None = None
    verified_at: date | None = None
    capacity: Capacity = Capacity()

    def freshness(self, today: date) -> Freshness:
        """How far the entry may be trusted. One that was never verified counts as stale, not as excluded."""
        if self.valid_to is not None and self.valid_to < today:
            return Freshness.EXCLUDED
        if self.verified_at is None:
            return Freshness.STALE
        age = today - self.verified_at
        if age > EXCLUDE_AFTER:
            return Freshness.EXCLUDED
        return Freshness.STALE if age > WARN_AFTER else Freshness.FRESH

    def opens_within(self, local_now: datetime, hours: float) -> bool | None:
        """Whether it is open at some moment of the next `hours`; None when the hours are not known."""
        if self.always_open:
            return True
        if not self.openings:
            return None
        start = local_now.weekday() * 1440 + local_now.hour * 60 + local_now.minute
        end = start + int(hours * 60)
        week = 7 * 1440
        for one in self.openings:
            opens, closes = one.weekday * 1440 + one.opens, one.weekday * 1440 + one.closes
            if (opens <= end and closes > start) or (opens + week <= end and closes + week > start):
                return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A service as it stands in the directory: what matching reads, and what people read."""

    service: Service
    description: str = ""
    alert: str | None = None
    url: str | None = None
    application_process: str = ""
    other_documents: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    valid_from: date | None = None
    verified_by: str | None = None
    source: str | None = None
    next_check: date | None = None
