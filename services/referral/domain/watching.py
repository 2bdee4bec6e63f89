"""What is found about the tables that decide now: the directory changes and exemptions run out while nobody looks.

Nothing is changed by itself. Each finding is mended by a person, or answered for anew: one coordinator asks, a second
one confirms. A finding that would block publishing admits no exemption here either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.referral.domain.publishing import Exemption, Found, NotAllowed, State, Version, check_exemptions
from shared.errors import Invalid

EXPIRES_SOON = timedelta(days=14)
LOOK_AGAIN = timedelta(hours=12)
"""A provider's verification and an exemption run out by date: a look is never older than this."""
AFTER_A_CHANGE = timedelta(minutes=10)
"""How long after a look a change of the directory waits for the next one."""


class Standing(StrEnum):
    """How a finding about the tables in force stands, worst first."""

    BLOCKING = "blocking"
    UNANSWERED = "unanswered"
    EXPIRED = "expired"
    AWAITING = "awaiting"
    EXPIRING = "expiring"
    ANSWERED = "answered"


DEMANDS = frozenset({Standing.BLOCKING, Standing.UNANSWERED, Standing.EXPIRED, Standing.AWAITING})
"""Standings that somebody has to act on now."""


@dataclass(frozen=True)
class Noticed:
    """A finding about the tables in force, and since when it has been there."""

    found: Found
    since: datetime


@dataclass(frozen=True)
class Watch:
    """The last look at what decides. `in_force` is a version's id or `packaged`; `plan` are the localities where Ruta
    works: those seen with a provider, until somebody takes one out."""

    pathway: str
    in_force: str
    content_hash: str
    directory_version: int
    checked_at: datetime
    noticed: tuple[Noticed, ...] = ()
    plan: tuple[str, ...] = ()

    def findings(self) -> tuple[Found, ...]:
        return tuple(one.found for one in self.noticed)

    def overdue(self, content_hash: str, directory_version: int, now: datetime) -> float | None:
        """For how many seconds the next look has been due, or None. One that saw no place checked nothing, so the first
        directory is looked at at once."""
        waits = LOOK_AGAIN
        if content_hash != self.content_hash:
            waits = timedelta(0)
        elif directory_version != self.directory_version:
            waits = AFTER_A_CHANGE if self.plan else timedelta(0)
        late = (now - self.checked_at - waits).total_seconds()
        return late if late >= 0 else None


@dataclass(frozen=True)
class Case:
    """A finding with its standing, and the exemption behind it: the one that counts, ran out or awaits."""

    noticed: Noticed
    standing: Standing
    exemption: Exemption | None = None


def noticed(found: Iterable[Found], before: Watch | None, now: datetime) -> tuple[Noticed, ...]:
    """Findings with the moment since when they have been there."""
    known = {} if before is None else {one.found.key: one.since for one in before.noticed}
    return tuple(Noticed(one, known.get(one.key, now)) for one in found)


def cases(watch: Watch, version: Version | None, on: date) -> list[Case]:
    """Every finding with how it stands on a day, worst first, oldest first. `version` is the one in force, None for the
    packaged tables, for which nobody can sign."""
    signed: dict[str, list[Exemption]] = {}
    for one in version.exemptions if version else ():
        signed.setdefault(one.key, []).append(one)
    found = [_case(one, signed.get(one.found.key, ()), on) for one in watch.noticed]
    order = list(Standing)
    return sorted(
        found, key=lambda one: (order.index(one.standing), one.noticed.since, one.noticed.found.key)
    )


def _case(one: Noticed, signed: Sequence[Exemption], on: date) -> Case:
    if one.found.blocking:
        return Case(one, Standing.BLOCKING)
    waiting = next((each for each in signed if each.awaits and each.expires_on >= on), None)
    counting = next((each for each in signed if each.counts(on)), None)
    if waiting is not None:
        return Case(one, Standing.AWAITING, waiting)
    if counting is not None:
        soon = counting.expires_on <= on + EXPIRES_SOON
        return Case(one, Standing.EXPIRING if soon else Standing.ANSWERED, counting)
    last = max(signed, key=lambda each: each.expires_on, default=None)
    return Case(one, Standing.UNANSWERED if last is None else Standing.EXPIRED, last)


def counted(found: Iterable[Case]) -> Mapping[str, int]:
    """How many findings stand how; every standing is named."""
    counts = dict.fromkeys(map(str, Standing), 0)
    for one in found:
        counts[one.standing.value] += 1
    return counts


def asked(version: Version, added: Sequence[Exemption], watch: Watch, *, now: datetime) -> Version:
    """With exemptions that await a second person; what counts until now goes on counting. Raises NotAllowed for a
    version that does not decide, Invalid as `publishing.exempted` does."""
    if version.state is not State.APPROVED or watch.in_force != version.id:
        raise NotAllowed("Esta versión no rige ahora.", code="version_not_in_force")
    check_exemptions(added, watch.findings(), now=now)
    keys = {one.key for one in added}
    kept = [one for one in version.exemptions if not (one.awaits and one.key in keys)]
    return _with(version, [*kept, *(replace(one, awaits=True) for one in added)])


def confirmed(version: Version, keys: Collection[str], *, by: str) -> Version:
    """With exemptions that count from now on. Raises NotAllowed for whoever asked for one of them."""
    waiting = _waiting(version, keys)
    if any(one.signed_by == by for one in waiting):
        raise NotAllowed("Confirma otra persona: no quien pidió la excepción.", code="second_person_needed")
    kept = [one for one in version.exemptions if one.key not in keys]
    return _with(version, [*kept, *(replace(one, awaits=False, confirmed_by=by) for one in waiting)])


def declined(version: Version, keys: Collection[str]) -> Version:
    """Without exemptions that awaited a second person; what counted before goes on counting."""
    waiting = _waiting(version, keys)
    return _with(version, [one for one in version.exemptions if one not in waiting])


def _waiting(version: Version, keys: Collection[str]) -> list[Exemption]:
    found = [one for one in version.exemptions if one.awaits and one.key in keys]
    if {one.key for one in found} != set(keys):
        raise Invalid("Nadie pidió esa excepción, o ya se resolvió.", code="exemption_unknown")
    return found


def _with(version: Version, exemptions: Sequence[Exemption]) -> Version:
    return replace(version, version=version.version + 1, exemptions=tuple(exemptions))
