"""Drafting, proving, approving and publishing rule tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from services.referral.domain import publishing
from services.referral.domain.decisions import TableErrors
from services.referral.domain.decisions.grids import read_csv, write_csv
from services.referral.domain.decisions.proof import read_invariants
from services.referral.domain.decisions.proof.invariants import FILE as INVARIANTS
from services.referral.domain.file_changes import file_changes, table_meant
from services.referral.domain.pathway_changes import RowChange, changes
from services.referral.domain.pathway_tables import DEFAULT, Pathway, packaged_files
from services.referral.domain.pathway_whole import check_whole
from services.referral.domain.publishing import Exemption, Found, State, Version, live_at
from services.referral.domain.snapshot import Snapshot
from services.referral.operations import consent_policy
from services.referral.operations.proving import proof
from services.referral.store import versions, watch
from shared.clock import local_day
from shared.errors import FieldError, Invalid
from shared.ids import new_id

COLUMNS = "columns.csv"
PACKAGED = "packaged"


@dataclass(frozen=True)
class Asked:
    """A step on a version, as somebody saw it: `seen` is the version number they looked at."""

    version_id: str
    seen: int
    by: str
    now: datetime


class TablesInvalid(Invalid):
    """Tables that cannot be read. `extra["problems"]` lists file, row, column and sentence of each mistake."""

    code = "tables_invalid"

    def __init__(self, errors: TableErrors) -> None:
        problems = [
            {
                "file": one.file,
                "row": one.row,
                "column": one.column,
                "es": one.message("es"),
                "en": one.message("en"),
            }
            for one in errors.problems
        ]
        fields: dict[str, list[FieldError]] = {}
        for one in errors.problems:
            fields.setdefault(f"{one.file}:{one.row}:{one.column}", []).append(
                FieldError(one.code, one.message("es"))
            )
        super().__init__(
            "La tabla tiene errores; no se guardó nada.", fields=fields, extra={"problems": problems}
        )


def files_in_force(
    conn: Connection, *, now: datetime, pathway: str = DEFAULT
) -> tuple[str, Mapping[str, str]]:
    """The id of the version in force (or `packaged`) and its files."""
    chosen = version_in_force(conn, now=now, pathway=pathway)
    if chosen is None:
        return PACKAGED, packaged_files(pathway)
    return chosen.id, versions.get(conn, chosen.id).files


def version_in_force(conn: Connection, *, now: datetime, pathway: str = DEFAULT) -> Version | None:
    """The version that decides now, without its files; None when the packaged tables do."""
    return live_at(versions.ever_in_force(conn, pathway, now), now)


def compared_with(conn: Connection, *, contingency: bool, now: datetime) -> tuple[str, Mapping[str, str]]:
    """The id (or `packaged`) and files that a version replaces: what is in force. For one that is to stay, that is
    without the contingency table of the moment, whose rows must not outlive its term."""
    if contingency:
        return files_in_force(conn, now=now)
    chosen = publishing.regular_at(versions.ever_in_force(conn, DEFAULT, now), now)
    return (
        (PACKAGED, packaged_files(DEFAULT))
        if chosen is None
        else (chosen.id, versions.get(conn, chosen.id).files)
    )


def draft(conn: Connection, *, by: str, note: str, now: datetime, contingency: bool = False) -> Version:
    """A new draft with what is in force, but for a contingency table unless it is to be one itself."""
    based_on, files = compared_with(conn, contingency=contingency, now=now)
    made = Version(
        id=new_id(),
        pathway=DEFAULT,
        files=dict(files),
        content_hash=read(files).version,
        state=State.DRAFT,
        version=1,
        note=note,
        based_on=based_on,
        editors=(by,),
        created_at=now,
        contingency=contingency,
    )
    versions.add(conn, made)
    versions.note_step(conn, made, versions.Step("draft", by, now, note))
    return made


def read(files: Mapping[str, str]) -> Pathway:
    """The pathway that files hold, fit to decide, with invariants that can be read. Raises TablesInvalid."""
    try:
        made = Pathway.from_texts(DEFAULT, files)
        check_whole(made)
        if INVARIANTS in files:
            read_invariants(read_csv(files[INVARIANTS].encode(), INVARIANTS), made.tables)
    except TableErrors as errors:
        raise TablesInvalid(errors) from errors
    return made


class NotThisTable(Invalid):
    """The file is not the table that is to be changed. `params["table"]` is the table to name."""

    def __init__(self, message: str, table: str) -> None:
        super().__init__(message, params={"table": table}, extra={"table": table})


class AnotherTable(NotThisTable):
    """The file is for another table of the pathway."""

    code = "another_table"

    def __init__(self, table: str) -> None:
        super().__init__(
            "Este archivo es de otra tabla, «%(table)s», y va en la página de esa tabla. No se guardó nada.",
            table,
        )


class ListOfColumns(NotThisTable):
    """The file says which columns the tables have: it is for none of their pages."""

    code = "list_of_columns"

    def __init__(self, table: str) -> None:
        super().__init__(
            "Este archivo es columns.csv, la lista de las columnas, y no la tabla «%(table)s». No se guardó nada.",
            table,
        )


class NoSuchTable(NotThisTable):
    """The file has next to none of the columns."""

    code = "no_such_table"

    def __init__(self, table: str) -> None:
        super().__init__(
            "Este archivo no es la tabla «%(table)s»: no tiene sus columnas. Descárguela de su página y cambie esa. "
            "No se guardó nada.",
            table,
        )


def replace_file(conn: Connection, asked: Asked, file: str, content: str) -> Version:
    """Other contents for one file of a version. Raises NotThisTable, TablesInvalid, and then nothing is changed."""
    before = seen(conn, asked)
    if file not in before.files:
        raise Invalid("Esta ruta no tiene ese archivo.", code="file_unknown")
    _check_meant(content, file, before.files)
    files = {**before.files, file: content}
    content_hash = read(files).version
    files[file] = write_csv(cells for _, cells in read_csv(content.encode(), file).rows)
    after = publishing.edited(before, files, content_hash, by=asked.by)
    return _keep(conn, after, "edited", asked, note=file)


def _check_meant(content: str, file: str, files: Mapping[str, str]) -> None:
    meant = table_meant(content, file, files)
    if meant is None:
        raise NoSuchTable(file.removesuffix(".csv"))
    if meant == COLUMNS != file:
        raise ListOfColumns(file.removesuffix(".csv"))
    if meant != file:
        raise AnotherTable(meant.removesuffix(".csv"))


def prove_version(conn: Connection, asked: Asked, snapshot: Snapshot) -> Version:
    """Prove it against its invariants and the directory."""
    before = seen(conn, asked)
    findings = _found(conn, before, snapshot, asked.now)
    return _keep(conn, publishing.proved(before, findings, now=asked.now), "proved", asked)


def still_proved(conn: Connection, asked: Asked, snapshot: Snapshot) -> None:
    """Raises ProofOutdated when the proof, run again on the directory as it stands, finds what blocks or what the
    version's own proof did not find."""
    version = seen(conn, asked)
    publishing.check_proof(version, _found(conn, version, snapshot, asked.now))


def _found(conn: Connection, version: Version, snapshot: Snapshot, now: datetime) -> tuple[Found, ...]:
    last = watch.get(conn, version.pathway)
    plan = last.plan if last else ()
    return tuple(proof(read(version.files), version.files, snapshot, today=local_day(now), plan=plan))


def exempt(conn: Connection, asked: Asked, keys: Sequence[str], *, reason: str, expires_on: date) -> Version:
    """Answer by name for findings that do not block."""
    signed = [Exemption(key, reason.strip(), asked.by, asked.now, expires_on) for key in keys]
    after = publishing.exempted(seen(conn, asked), signed, now=asked.now)
    return _keep(conn, after, "exempted", asked, note=reason)


def propose(conn: Connection, asked: Asked) -> Version:
    return _keep(conn, publishing.proposed(seen(conn, asked), by=asked.by, now=asked.now), "proposed", asked)


def send_back(conn: Connection, asked: Asked, *, reason: str) -> Version:
    return _keep(conn, publishing.sent_back(seen(conn, asked)), "sent_back", asked, note=reason)


def approve(
    conn: Connection, asked: Asked, *, live_from: datetime | None = None, live_until: datetime | None = None
) -> Version:
    """Approve; it decides from `live_from` on (at once by default)."""
    start = live_from or asked.now
    after = publishing.approved(
        seen(conn, asked), by=asked.by, now=asked.now, live_from=start, live_until=live_until
    )
    return _in_force(conn, _keep(conn, after, "approved", asked), asked)


def retire(conn: Connection, asked: Asked, *, reason: str) -> Version:
    after = publishing.retired(seen(conn, asked), now=asked.now)
    return _in_force(conn, _keep(conn, after, "retired", asked, note=reason), asked)


def difference(conn: Connection, version: Version, *, now: datetime) -> list[RowChange]:
    """What this version changes against the one it replaces: first its safety promises and columns, then its tables."""
    _, files = compared_with(conn, contingency=version.contingency, now=now)
    return [*file_changes(files, version.files), *changes(read(files), read(version.files))]


def overtaken(conn: Connection, version: Version, *, now: datetime) -> bool:
    """Whether other rules came into force since this version, not yet approved, was begun: approving it undoes them."""
    if version.state in (State.APPROVED, State.RETIRED):
        return False
    return compared_with(conn, contingency=version.contingency, now=now)[0] != version.based_on


def seen(conn: Connection, asked: Asked) -> Version:
    """The version, if it is still as the asker saw it. Raises NotFound or Outdated."""
    found = versions.get(conn, asked.version_id)
    if found.version != asked.seen:
        raise versions.Outdated(found.version)
    return found


def _in_force(conn: Connection, after: Version, asked: Asked) -> Version:
    """Tell those who keep a copy of what is in force."""
    consent_policy.tell(conn, now=asked.now)
    return after


def _keep(conn: Connection, after: Version, step: str, asked: Asked, *, note: str = "") -> Version:
    versions.save(conn, after)
    versions.note_step(conn, after, versions.Step(step, asked.by, asked.now, note))
    return after
