"""`ruta import directory FILE`: bring an HSDS directory in from JSON, or from a CSV data package (folder or zip)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from deploy.local.environment import settings_for
from deploy.local.options import data_option
from deploy.local.terminal import console, either, errors, in_english, say
from services.referral.domain.hsds_tables import assemble
from services.referral.operations.directory import ImportReport, import_hsds
from shared.clock import utc_now
from shared.database import make_engine

LARGEST = 200 * 1024 * 1024
SHOWN = 50


@click.command("directory")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@data_option
def directory(file: Path, data: Path) -> None:
    """Directorio de servicios en HSDS (JSON, o CSV en carpeta o zip). / Directory of services in HSDS."""
    try:
        package = load_package(file)
    except (ValueError, OSError, zipfile.BadZipFile, csv.Error) as error:
        raise click.ClickException(
            either(f"No se pudo leer {file.name}: {error}", f"{file.name} could not be read: {error}")
        ) from error
    with settings_for(data) as settings:
        engine = make_engine(settings["REFERRAL_DATABASE_URL"], pool_size=1, application="ruta import")
        try:
            waiting = console.status(either("Importando el directorio…", "Importing the directory…"))
            with waiting, engine.begin() as conn:
                report = import_hsds(conn, package, now=utc_now())
        finally:
            engine.dispose()
    tell(report)


def tell(report: ImportReport) -> None:
    """Say what was imported and, one line each, what was left out. Exit status 1 when nothing could be read."""
    say(
        f"{report.organizations} organizaciones y {report.services} servicios leídos; {report.changed} nuevos o "
        f"distintos; {report.capacities} cupos actualizados.",
        f"{report.organizations} organizations and {report.services} services read; {report.changed} new or "
        f"different; {report.capacities} capacities updated.",
    )
    for problem in report.problems[:SHOWN]:
        errors.print(f"{problem.path}: {problem.text('en' if in_english() else 'es')}", markup=False)
    if report.problems:
        left = len(report.problems)
        say(f"{left} entradas con errores quedaron fuera.", f"{left} entries with errors were left out.")
    if report.problems and not report.services:
        raise click.exceptions.Exit(1)


def load_package(file: Path) -> Any:
    """The package as HSDS JSON. Raises ValueError or OSError when it is not one."""
    if file.is_dir():
        return assemble(
            {path.stem: _rows(path.read_text("utf-8-sig")) for path in sorted(file.glob("*.csv"))}
        )
    if file.stat().st_size > LARGEST:
        raise ValueError(either("es demasiado grande", "it is too large"))
    if zipfile.is_zipfile(file):
        return assemble(dict(_zipped(file)))
    return json.loads(file.read_text("utf-8-sig"))


def _zipped(file: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    with zipfile.ZipFile(file) as package:
        if sum(one.file_size for one in package.infolist()) > LARGEST:
            raise ValueError(either("es demasiado grande", "it is too large"))
        for name in package.namelist():
            if name.endswith(".csv"):
                yield Path(name).stem, _rows(package.read(name).decode("utf-8-sig"))


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
