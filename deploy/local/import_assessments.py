"""`ruta import assessments FILE`: bring assessments in from NDJSON, CSV or XLSX, good rows kept, bad ones reported.

On the host it takes the file in directly, on behalf of an account; with a token it goes through the API of a server
elsewhere. Both are safe to repeat: a row keeps its id, and one that came before is answered as before.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import services.intake
from deploy.local.import_answers import Answered, Send
from deploy.local.import_by_http import WrittenLine, by_http
from deploy.local.options import data_option
from deploy.local.terminal import either, errors, say
from services.intake.schemas import files
from services.intake.schemas.files import Line

if TYPE_CHECKING:
    from services.intake.schemas.mapping import FormMapping

FORM = Path(services.intake.__file__).parent / "forms" / "atencion"
SHEETS = ("survey", "choices", "settings")
REPORT = ("line", "id", "field", "column", "code", "message")
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet run a cell."""


@dataclass
class Tally:
    """What became of the rows."""

    stored: int = 0
    repeated: int = 0
    refused: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)


@click.command("assessments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Qué columna es qué dato (CSV); sin ella, la del formulario incluido. / Which column is what.",
)
@click.option("--as-account", help="Cuenta de punto focal por la que se importa. / Focal point's account.")
@click.option("--url", help="Servidor, con --token. / Server, with --token.")
@click.option("--token", envvar="RUTA_TOKEN", help="Credencial para importar por la API. / Credential.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="Filas con errores (CSV). / Rows with errors (CSV)."
)
@click.option(
    "--form",
    type=click.Path(path_type=Path),
    help="Escribe el formulario XLSForm incluido y termina. / Write the ready-made XLSForm and stop.",
)
@data_option
def assessments(  # noqa: PLR0913 - one parameter per option
    *,
    file: Path | None,
    mapping: Path | None,
    as_account: str | None,
    url: str | None,
    token: str | None,
    report: Path | None,
    form: Path | None,
    data: Path,
) -> None:
    """Atenciones en NDJSON, CSV o XLSX (exportación de Kobo u ODK). / Assessments from NDJSON, CSV or XLSX."""
    if form is not None:
        write_form(form, data)
        return
    if file is None:
        raise click.UsageError(either("Falta el archivo.", "The file is missing."))
    mapped = read_mapping(mapping) if mapping or _is_sheet(file) else None
    lines = read_lines(file, mapped)
    if token:
        tally = take_in(file, lines, by_http(url or "http://127.0.0.1:8000", token), mapped)
    else:
        tally = take_in_here(file, lines, as_account, data, mapped)
    tell(tally, report or file.with_name(f"{file.name}.errores.csv"))


def take_in_here(
    path: Path, lines: Iterator[Line], as_account: str | None, data: Path, mapping: FormMapping | None
) -> Tally:
    """Into the database of this host."""
    # Half of what the command takes to start, and nothing that an import through the API needs.
    from deploy.local.environment import settings_for  # noqa: PLC0415
    from deploy.local.import_directly import directly  # noqa: PLC0415

    with settings_for(data) as settings:
        return take_in(path, lines, directly(settings, as_account), mapping)


def _is_sheet(path: Path) -> bool:
    try:
        return files.is_sheet(path)
    except files.CannotRead as error:
        raise click.ClickException(f"{path.name}: {_reason(str(error))}") from error


def read_mapping(path: Path | None) -> FormMapping:
    """The mapping at `path`, else that of the ready-made form."""
    from services.intake.schemas.mapping import MappingError, parse_mapping  # noqa: PLC0415 - only sheets need it

    source = path or FORM / "mapping.csv"
    try:
        return parse_mapping(source.read_text(encoding="utf-8-sig"))
    except (MappingError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{source.name}: {error}") from error


def read_lines(path: Path, mapping: FormMapping | None) -> Iterator[Line]:
    """Every row of the file as a document, numbered as an editor or a spreadsheet numbers it."""
    if mapping is None or not _is_sheet(path):
        return (_line(*found) for found in files.documents(path))
    try:
        sheet = files.sheet(path)
    except files.CannotRead as error:
        raise click.ClickException(f"{path.name}: {_reason(str(error))}") from error
    missing = mapping.missing_from(sheet.header)
    if missing:
        names = ", ".join(f"{name} ({mapping.column_of(name) or '?'})" for name in missing)
        raise click.ClickException(
            either(
                f"{path.name} no tiene las columnas de: {names}. Indique cuáles son con --mapping.",
                f"{path.name} lacks the columns of: {names}. Say which they are with --mapping.",
            )
        )
    return (
        Line(number, row if isinstance(row, ValueError) else mapping.document(row))
        for number, row in sheet.rows
    )


def _line(number: int, document: Any, text: bytes | None) -> Line:
    return Line(number, document) if text is None else WrittenLine(number, document, text)


def _reason(code: str) -> str:
    return {
        "type": either(
            "use un archivo .ndjson, .json, .csv o .xlsx", "use an .ndjson, .json, .csv or .xlsx file"
        ),
        "too_large": either("es demasiado grande", "it is too large"),
        "empty": either("no tiene encabezado", "it has no header"),
        "broken": either(
            "no es un libro de Excel que se pueda leer", "it is no Excel workbook that can be read"
        ),
    }[code]


def take_in(path: Path, lines: Iterator[Line], send: Send, mapping: FormMapping | None) -> Tally:
    """Send all lines, with a progress bar."""
    tally = Tally()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=False) as progress:
        bar = progress.add_task(either("Importando atenciones", "Importing assessments"), total=None)
        progress.update(bar, total=files.count(path) or None)
        for answers in send(lines):
            for answer in answers:
                _count(tally, answer, mapping)
            progress.advance(bar, len(answers))
        done = tally.stored + tally.repeated + tally.refused
        progress.update(bar, total=done, completed=done)
    return tally


def _count(tally: Tally, answer: Answered, mapping: FormMapping | None) -> None:
    counted = {201: "stored", 200: "repeated"}.get(answer.status, "refused")
    setattr(tally, counted, getattr(tally, counted) + 1)
    for one in answer.errors:
        column = mapping.column_of(one["field"]) if mapping else None
        tally.problems.append({"line": answer.number, "id": answer.id, "column": column, **one})


def tell(tally: Tally, report: Path) -> None:
    """Say what became of the rows; write those with errors to `report`. Exit status 1 when no row was good."""
    say(
        f"{tally.stored} atenciones guardadas, {tally.repeated} ya estaban, {tally.refused} con errores.",
        f"{tally.stored} assessments stored, {tally.repeated} were there already, {tally.refused} with errors.",
    )
    if not tally.problems:
        return
    with report.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, REPORT)
        writer.writeheader()
        writer.writerows({name: harmless(one.get(name)) for name in REPORT} for one in tally.problems)
    for code, count in Counter(f"{one['field']}: {one['message']}" for one in tally.problems).most_common(5):
        errors.print(f"  {count} × {code}", markup=False)
    say(f"Cada error, por línea y campo: {report}", f"Every error, by line and field: {report}")
    if tally.stored + tally.repeated == 0:
        raise click.exceptions.Exit(1)


def harmless(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(RISKY) else text


def write_form(path: Path, data: Path) -> None:
    """The ready-made XLSForm as a workbook for KoboToolbox or ODK, asking for consent as the rules of today say."""
    # Seconds that nothing else here needs.
    from openpyxl import Workbook  # noqa: PLC0415

    from deploy.local.import_form import survey  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    for name in SHEETS:
        sheet = book.create_sheet(name)
        with (FORM / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
            rows = list(csv.reader(opened))
        for row in survey(rows, data) if name == "survey" else rows:
            sheet.append(row)
    book.save(path)
    say(
        f"Formulario escrito en {path}. Súbalo a KoboToolbox u ODK tal como está.",
        f"Form written to {path}. Upload it to KoboToolbox or ODK as it is.",
    )
