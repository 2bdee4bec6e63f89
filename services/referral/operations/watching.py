"""Look at the tables in force again and again: does the directory still give what they name, and who answers for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from services.referral.domain import watching
from services.referral.domain.file_changes import COLUMNS as LIST_OF_COLUMNS
from services.referral.domain.file_changes import file_changes
from services.referral.domain.pathway_changes import RowChange, changes
from services.referral.domain.pathway_tables import DEFAULT, Pathway, packaged_files
from services.referral.domain.publishing import Exemption, Version
from services.referral.domain.snapshot import Snapshot
from services.referral.domain.watching import Case, Watch
from services.referral.operations import proving, publishing
from services.referral.operations.publishing import PACKAGED, Asked
from services.referral.operations.routing import Router
from services.referral.store import services, versions, watch
from shared.clock import local_day
from shared.errors import Invalid


@dataclass(frozen=True)
class InForce:
    """What decides now, and what the last look found about it. `watch` is None until the first look."""

    id: str
    version: Version | None
    watch: Watch | None
    cases: tuple[Case, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        return watching.counted(self.cases)

    @property
    def demands(self) -> int:
        """How many findings somebody has to act on now."""
        return sum(one.standing in watching.DEMANDS for one in self.cases)


def in_force(conn: Connection, *, now: datetime) -> InForce:
    """What decides now with its findings, each as it stands today. A look at other contents does not count."""
    found, version, content_hash = _deciding(conn, now)
    last = watch.get(conn, DEFAULT)
    if last is None or last.content_hash != content_hash:
        return InForce(found, version, None)
    return InForce(found, version, last, tuple(watching.cases(last, version, local_day(now))))


def lacking(conn: Connection, *, now: datetime) -> list[RowChange]:
    """Rows and safety promises that the tables that come with this release have and the version in force lacks, table
    by table: whoever published it with an earlier release was never asked about them. Empty for the packaged tables."""
    chosen, files = publishing.files_in_force(conn, now=now)
    if chosen == PACKAGED:
        return []
    theirs = Pathway.from_texts(DEFAULT, files)
    found = [*file_changes(files, packaged_files(DEFAULT)), *changes(theirs, Pathway.load(DEFAULT))]
    return [one for one in found if one.kind == "added" and f"{one.table}.csv" != LIST_OF_COLUMNS]


def oldest_due(conn: Connection, *, now: datetime) -> float | None:
    """For how many seconds the next look has been due, or None."""
    last = watch.head(conn, DEFAULT)
    if last is None:
        return 0.0
    _, _, content_hash = _deciding(conn, now)
    return last.overdue(content_hash, services.state(conn).version, now)


def look(conn: Connection, router: Router, *, now: datetime) -> bool:
    """Look now and keep what is found. False when another process is looking: its result is as good.

    What the tables get wrong by themselves was found when the version was proved (the packaged ones get nothing wrong:
    `ruta rules prove` is part of the tests); only what the directory gives changes while they decide."""
    if not watch.claim(conn, DEFAULT):
        return False
    deciding, version, _ = _deciding(conn, now)
    pathway = router.rules.at(conn, now)
    snapshot = router.catalogue.snapshot(conn, now=now)
    last = watch.get(conn, DEFAULT)
    plan = _plan(snapshot, last, local_day(now))
    found = [one for one in version.findings if not one.place] if version else []
    found += proving.in_directory(pathway, snapshot, today=local_day(now), plan=plan)
    watch.save(
        conn,
        Watch(
            DEFAULT,
            deciding,
            pathway.version,
            snapshot.version,
            now,
            watching.noticed(found, last, now),
            plan,
        ),
    )
    return True


def _plan(snapshot: Snapshot, last: Watch | None, today: date) -> tuple[str, ...]:
    seen = {place.locality for place in proving.reached(snapshot, today=today)}
    return tuple(sorted(seen | set(last.plan if last else ())))


def ask(conn: Connection, asked: Asked, keys: Sequence[str], *, reason: str, expires_on: date) -> Version:
    """Ask for exemptions on the version in force; they count once a second person confirms."""
    before = publishing.seen(conn, asked)
    last = watch.get(conn, DEFAULT)
    if last is None:
        raise Invalid("Todavía no se comprobó lo que rige.", code="not_looked_yet")
    added = [Exemption(key, reason.strip(), asked.by, asked.now, expires_on) for key in keys]
    after = watching.asked(before, added, last, now=asked.now)
    return _keep(conn, after, "exemption_asked", asked, reason)


def confirm(conn: Connection, asked: Asked, keys: Collection[str]) -> Version:
    """Confirm exemptions that somebody else asked for."""
    after = watching.confirmed(publishing.seen(conn, asked), keys, by=asked.by)
    return _keep(conn, after, "exemption_confirmed", asked)


def decline(conn: Connection, asked: Asked, keys: Collection[str]) -> Version:
    """Take exemptions back that nobody confirmed."""
    after = watching.declined(publishing.seen(conn, asked), keys)
    return _keep(conn, after, "exemption_declined", asked)


def leave(conn: Connection, left: watch.Left) -> None:
    """Take a locality out of the plan in which nobody offers anything any more. Raises Invalid for one that is not in
    it. One where somebody does comes back with the next look."""
    last = watch.get(conn, DEFAULT)
    if last is None or left.locality not in last.plan:
        raise Invalid("Ese lugar no está en el plan.", code="locality_unknown")
    kept = tuple(one for one in last.noticed if one.found.place != left.locality)
    watch.note_left(conn, DEFAULT, left)
    watch.save(
        conn, replace(last, plan=tuple(one for one in last.plan if one != left.locality), noticed=kept)
    )


def _deciding(conn: Connection, now: datetime) -> tuple[str, Version | None, str]:
    chosen = publishing.version_in_force(conn, now=now)
    if chosen is None:
        return PACKAGED, None, Pathway.load(DEFAULT).version
    return chosen.id, chosen, chosen.content_hash


def _keep(conn: Connection, after: Version, step: str, asked: Asked, note: str = "") -> Version:
    versions.save(conn, after)
    versions.note_step(conn, after, versions.Step(step, asked.by, asked.now, note))
    return after
