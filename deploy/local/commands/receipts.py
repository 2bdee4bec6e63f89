"""`ruta receipts …`: past decisions derived again, here or on another machine, and decided as of another day."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import click

from deploy.local.options import data_option
from deploy.local.referral import referral_service
from deploy.local.remote import CannotRun
from deploy.local.terminal import either
from services.referral.domain.bundle import derive_bundled, digest, lists_digest
from services.referral.domain.decisions import TableErrors
from services.referral.domain.rederiving import NotDerivable
from services.referral.operations import rederiving
from services.referral.operations.rederiving import Verified
from services.referral.store import receipts as store
from shared.clock import rfc3339
from shared.errors import AppError

FOUND = 1
REASONS = {
    "format": ("es un recibo de una versión anterior del programa", "it is a receipt of an earlier release"),
    "case": (
        "la persona retiró su permiso: lo que dijo ya no existe",
        "the person withdrew her consent: what she said is gone",
    ),
    "rules": ("no son las reglas que decidieron", "these are not the rules that decided"),
    "directory": (
        "no es el directorio con que se decidió, o no se guardó",
        "this is not the directory it was decided by, or it was not kept",
    ),
}


@click.group()
def receipts() -> None:
    """Los recibos de las decisiones. / The receipts of decisions."""


@receipts.command()
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--sample", type=click.IntRange(1, 100_000), help="Tantos al azar. / So many, drawn by lot.")
@data_option
def rederive(ids: tuple[object, ...], sample: int | None, data: Path) -> None:
    """Deriva recibos otra vez y compara los bytes. / Derive receipts again and compare the bytes.

    IDS are those of referrals or gaps. From the receipt, its rules and its directory version the decision is made once
    more. Exit status 1 when one comes out otherwise, 2 when one does not exist.
    """
    if not ids and not sample:
        raise click.UsageError(either("Diga qué recibos, o --sample.", "Say which receipts, or --sample."))
    try:
        with referral_service(data) as (conn, router):
            chosen = [str(one) for one in ids] + (store.some(conn, sample) if sample else [])
            found = [rederiving.verify(conn, router, one) for one in chosen]
    except AppError as error:
        raise CannotRun(error.message) from error
    for one in found:
        click.echo(f"{one.id}  {_said(one)}")
    if any(not one.agrees and one.reason is None for one in found):
        sys.exit(FOUND)


@receipts.command()
@click.argument("receipt_id", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@data_option
def export(receipt_id: object, file: Path, data: Path) -> None:
    """Escribe un recibo con todo de lo que depende. / Write a receipt with all it hangs on.

    The file holds the receipt, what the person said (all her needs; no name, no phone), the tables and the part of the
    directory in question. It is as confidential as the case. Exit status 2 when it cannot be written.
    """
    try:
        with referral_service(data) as (conn, _):
            document = rederiving.export(conn, str(receipt_id))
    except AppError as error:
        raise CannotRun(error.message) from error
    file.touch(mode=0o600)
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    click.echo(f"{file}  SHA-256 {document['sha256']}")


@receipts.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def verify(files: tuple[Path, ...]) -> None:
    """Comprueba recibos exportados, sin base de datos. / Verify exported receipts, without a database.

    The decision is made again from the file alone. Compare the SHA-256 with the one on the auditor's text. Exit status
    1 when the bytes differ, 2 when a file is no export or cannot be derived again.
    """
    statuses = [_verify(file) for file in files]
    sys.exit(max(statuses))


@receipts.command()
@click.argument("assessment_id", type=click.UUID)
@click.option(
    "--at",
    "moment",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Fecha, o momento en UTC. / A day, or a moment in UTC.",
)
@data_option
def decide(assessment_id: object, moment: datetime, data: Path) -> None:
    """Decide un caso como en otra fecha. / Decide a case as of another date.

    By the rules in force, the directory and the waiting referrals of that moment (of a day: its end). Nothing is
    written and nobody is asked. One receipt a line, as JSON. Exit status 2 when the case or that past is not kept.
    """
    at = moment.replace(tzinfo=UTC)
    if at.time() == time():
        at = at.replace(hour=23, minute=59, second=59)
    try:
        with referral_service(data) as (conn, router):
            found = rederiving.decide_as_of(conn, router, str(assessment_id), at)
    except AppError as error:
        raise CannotRun(error.message) from error
    click.echo(either(f"# como en {rfc3339(at)}", f"# as of {rfc3339(at)}"), err=True)
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False, sort_keys=True))


def _verify(file: Path) -> int:
    """The exit status for one file, after saying what was found."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        again = derive_bundled(document)
    except NotDerivable as error:
        click.echo(f"{file.name}  {either(*REASONS[error.reason])}", err=True)
        return CannotRun.exit_code
    except (TableErrors, ValueError, KeyError, TypeError, AttributeError) as error:
        what = either("no es un recibo exportado", "is no exported receipt")
        click.echo(f"{file.name}  {what} ({type(error).__name__})", err=True)
        return CannotRun.exit_code
    body: Mapping[str, Any] = document["receipt"]
    differs = tuple(again.differs(body))
    sha256 = digest(body)
    click.echo(f"{file.name}  {_said(Verified('', sha256, not differs, again.whole, None, differs))}")
    if differs and document.get("code_lists") != lists_digest():
        told = (
            "  las listas de códigos de esta versión son otras",
            "  the code lists of this release are others",
        )
        click.echo(either(*told))
    return FOUND if differs else 0


def _said(one: Verified) -> str:
    if one.reason is not None:
        return either(
            f"no se puede derivar: {REASONS[one.reason][0]}", f"cannot be derived: {REASONS[one.reason][1]}"
        )
    if not one.agrees:
        return either("NO COINCIDE en ", "DOES NOT AGREE in ") + ", ".join(one.differs)
    partly = "" if one.whole else either(" (solo la búsqueda)", " (matching alone)")
    return either("coincide", "agrees") + f"{partly}  SHA-256 {one.sha256}"
