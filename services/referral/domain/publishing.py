"""The life of rule tables: drafted, proved, proposed, approved by a second person, live from a moment, retired.

Every step is a pure function from a version to the next; whoever may not take it gets a Conflict that says why. What is
live is decided by time alone, so that all workers change over at the same moment without being told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.clock import local_day
from shared.errors import Conflict, FieldError, Invalid


class State(StrEnum):
    DRAFT = "draft"
    PROVED = "proved"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETIRED = "retired"


EMERGENCY_SERVICES = frozenset({"HE_EMERG", "HE_CMR", "PS_CRISIS", "SAFE", "CP_AUTH"})
"""Kinds of help without which nothing may be published: those that answer an emergency (proposal, unreviewed)."""
LONGEST_EXCEPTION = timedelta(days=180)
LONGEST_CONTINGENCY = timedelta(days=60)
LONGEST_WAIT = timedelta(days=366)
"""How far ahead a version may be approved to come into force."""


@dataclass(frozen=True)
class Found:
    """A finding of the proof, as it is kept. `key` is the same when the same thing is found again. `case` is the person
    it tells of, by input of the table, as texts or lists of texts; what is not known of her is left out. `beside` are
    the rows next to which people look for it, `place` the locality where nobody can give the help that is named."""

    key: str
    kind: str
    table: str
    rows: tuple[str, ...]
    es: str
    en: str
    blocking: bool
    case: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Exemption:
    """A coordinator answers by name for publishing in spite of a finding, until a day. One that `awaits` was asked for
    while the tables decide and counts once a second person, `confirmed_by`, agrees."""

    key: str
    reason: str
    signed_by: str
    signed_at: datetime
    expires_on: date
    awaits: bool = False
    confirmed_by: str | None = None

    def counts(self, on: date) -> bool:
        """Whether somebody answers for the finding on this day."""
        return not self.awaits and self.expires_on >= on


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a pathway's tables. `files` holds them as CSV by file name; `version` counts its changes."""

    id: str
    pathway: str
    files: Mapping[str, str] = field(repr=False)
    content_hash: str
    state: State
    version: int
    note: str
    based_on: str
    editors: tuple[str, ...]
    created_at: datetime
    contingency: bool = False
    findings: tuple[Found, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    proved_at: datetime | None = None
    proposed_by: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    live_from: datetime | None = None
    live_until: datetime | None = None
    retired_at: datetime | None = None

    def unanswered(self, on: date) -> tuple[Found, ...]:
        """Findings that nobody answers for on this day."""
        answered = {one.key for one in self.exemptions if one.counts(on)}
        return tuple(one for one in self.findings if one.key not in answered)


class NotAllowed(Conflict):
    """The version's state, or who asks, does not allow this step."""

    code = "publishing_step_not_allowed"


def edited(version: Version, files: Mapping[str, str], content_hash: str, *, by: str) -> Version:
    """With other contents. Whatever was proved of the old ones is void."""
    _need(version, State.DRAFT, State.PROVED, State.PROPOSED)
    return _step(
        version,
        files=dict(files),
        content_hash=content_hash,
        state=State.DRAFT,
        editors=tuple(dict.fromkeys((*version.editors, by))),
        findings=(),
        exemptions=(),
        proved_at=None,
        proposed_by=None,
    )


def proved(version: Version, findings: Sequence[Found], *, now: datetime) -> Version:
    """With the proof's findings. One that blocks leaves it a draft. Exemptions for findings that are gone fall away."""
    _need(version, State.DRAFT, State.PROVED)
    keys = {one.key for one in findings}
    blocked = any(one.blocking for one in findings)
    return _step(
        version,
        findings=tuple(findings),
        exemptions=tuple(one for one in version.exemptions if one.key in keys),
        proved_at=now,
        state=State.DRAFT if blocked else State.PROVED,
    )


class ProofOutdated(NotAllowed):
    """The directory changed since the version was proved. `extra["findings"]` holds the keys of what is new."""

    code = "proof_outdated"


def check_proof(version: Version, findings: Iterable[Found]) -> None:
    """Raises ProofOutdated for findings of a later proof that block, or that this version's own proof did not have."""
    known = {one.key for one in version.findings}
    fresh = [one.key for one in findings if one.blocking or one.key not in known]
    if fresh:
        raise ProofOutdated(
            "El directorio cambió desde la prueba y hay hallazgos nuevos: hay que probarla otra vez.",
            extra={"findings": fresh},
        )


def exempted(version: Version, exemptions: Iterable[Exemption], *, now: datetime) -> Version:
    """With findings that somebody answers for. Raises Invalid for an unknown or blocking finding, a missing reason, or
    an expiry that is past or more than half a year away."""
    _need(version, State.PROVED)
    added = list(exemptions)
    check_exemptions(added, version.findings, now=now)
    keys = {one.key for one in added}
    kept = [one for one in version.exemptions if one.key not in keys]
    return _step(version, exemptions=tuple(kept + added))


def check_exemptions(added: Iterable[Exemption], findings: Iterable[Found], *, now: datetime) -> None:
    """Raises Invalid for an exemption that nobody may sign: see `exempted`."""
    known = {one.key: one for one in findings}
    for one in added:
        found = known.get(one.key)
        if found is None:
            raise Invalid("Ese hallazgo no está en la última prueba.", code="finding_unknown")
        if found.blocking:
            raise Invalid("Este hallazgo bloquea la publicación: no admite excepción.", code="finding_blocks")
        if not one.reason.strip():
            raise Invalid("La excepción necesita un motivo.", code="reason_missing")
        if not local_day(now) < one.expires_on <= local_day(now + LONGEST_EXCEPTION):
            sentence = "La excepción vence después de hoy y en seis meses como máximo."
            raise _wrong("expires_on", sentence, code="expiry_out_of_range")


def proposed(version: Version, *, by: str, now: datetime) -> Version:
    """Put before a second person. Every finding has to be mended or answered for."""
    _need(version, State.PROVED)
    if version.unanswered(local_day(now)):
        raise NotAllowed("Quedan hallazgos sin corregir ni justificar.", code="findings_unanswered")
    return _step(version, state=State.PROPOSED, proposed_by=by)


def sent_back(version: Version) -> Version:
    """Back to the one who proposed it."""
    _need(version, State.PROPOSED)
    return _step(version, state=State.PROVED, proposed_by=None)


def approved(
    version: Version, *, by: str, now: datetime, live_from: datetime, live_until: datetime | None = None
) -> Version:
    """Approved by somebody who neither wrote nor proposed it. A contingency table lasts at most 60 days. Every finding
    has to be answered for on the day it comes into force."""
    _need(version, State.PROPOSED)
    if by in version.editors or by == version.proposed_by:
        raise NotAllowed(
            "Aprueba otra persona: ni quien editó ni quien propuso.", code="second_person_needed"
        )
    _check_term(version, live_from, live_until, now=now)
    if version.unanswered(local_day(max(live_from, now))):
        raise NotAllowed(
            "El día en que entra en vigor quedan hallazgos sin corregir ni justificar.",
            code="findings_unanswered",
        )
    return _step(
        version,
        state=State.APPROVED,
        approved_by=by,
        approved_at=now,
        live_from=max(live_from, now),
        live_until=live_until,
    )


def _check_term(version: Version, live_from: datetime, live_until: datetime | None, *, now: datetime) -> None:
    """Raises Invalid for a start that is past or more than a year away, and for an end that does not fit."""
    if live_from < now - timedelta(minutes=1):
        raise _wrong("live_from", "La entrada en vigor no puede ser anterior a ahora.", code="live_from_past")
    if live_from - now > LONGEST_WAIT:
        raise _wrong("live_from", "La entrada en vigor es en un año como máximo.", code="live_from_far")
    if version.contingency:
        if live_until is None or not timedelta(0) < live_until - live_from <= LONGEST_CONTINGENCY:
            sentence = "Una tabla de contingencia dura un plazo de 60 días como máximo."
            raise _wrong("live_until", sentence, code="contingency_term")
    elif live_until is not None:
        raise Invalid("Solo una tabla de contingencia tiene fecha de fin.", code="term_only_for_contingency")


def _wrong(field: str, sentence: str, *, code: str) -> Invalid:
    return Invalid(sentence, code=code, fields={field: [FieldError(code, sentence)]})


def retired(version: Version, *, now: datetime) -> Version:
    """Out of use from now on; what was decided by it stays."""
    _need(version, State.APPROVED)
    return _step(version, state=State.RETIRED, retired_at=now)


def live_at(versions: Iterable[Version], moment: datetime) -> Version | None:
    """The version that decides at `moment`: a contingency table within its term first, else the one that came into
    force last. None when there is none: then the packaged tables decide."""
    in_force = [one for one in versions if _in_force(one, moment)]
    return max(in_force, key=_rank, default=None)


def regular_at(versions: Iterable[Version], moment: datetime) -> Version | None:
    """The version that decides at `moment` when no contingency table does."""
    return live_at((one for one in versions if not one.contingency), moment)


def _rank(version: Version) -> tuple[bool, datetime, datetime]:
    assert version.live_from is not None
    assert version.approved_at is not None
    return (version.contingency, version.live_from, version.approved_at)


def _in_force(version: Version, moment: datetime) -> bool:
    if version.live_from is None or moment < version.live_from:
        return False
    ended = [end for end in (version.live_until, version.retired_at) if end is not None]
    return all(moment < end for end in ended)


def _need(version: Version, *states: State) -> None:
    if version.state not in states:
        raise NotAllowed(
            "El estado de esta versión no permite ese paso.",
            extra={"state": version.state, "allowed_in": list(states)},
        )


def _step(version: Version, **changes: object) -> Version:
    return replace(version, version=version.version + 1, **changes)  # type: ignore[arg-type]
