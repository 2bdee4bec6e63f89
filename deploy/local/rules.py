"""`ruta rules`: rule tables evaluated, checked, proven and explained, without a running stack."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeVar

import click

import services.referral
from deploy.local.terminal import either, in_english
from services.referral.dmn import Model, decider, model_decider, read_dmn
from services.referral.dmn.answers import Decide
from services.referral.dmn.lines import answers, read_case, written
from services.referral.domain.decisions import DecisionTable, TableErrors, load_file, load_folder
from services.referral.domain.decisions.errors import CellError, Problem
from services.referral.domain.decisions.messages import Language
from services.referral.domain.decisions.proof import (
    Finding,
    describe,
    load_invariants,
    prove,
    prove_invariants,
)
from services.referral.domain.decisions.proof.reach import places_from, unreachable

DMN_ENDINGS = (".dmn", ".xml")
FOUND, UNUSABLE = 1, 2
Found = TypeVar("Found")
COMMUNITY = Path(services.referral.__file__).parent / "pathways" / "community"

table_file = click.argument("file", type=click.Path(path_type=Path))
table_folder = click.argument("folder", type=click.Path(path_type=Path), default=COMMUNITY)
which_decision = click.option("--decision", help="Decisión de un modelo DMN. / Decision of a DMN model.")
cases_input = click.option(
    "--input",
    "source",
    type=click.File("rb"),
    default="-",
    help="Casos, un JSON por línea. / Cases, one JSON a line.",
)


@click.group()
def rules() -> None:
    """Tablas de decisión en CSV, XLSX o DMN. / Decision tables in CSV, XLSX or DMN."""


@rules.command()
@table_file
@which_decision
@cases_input
def evaluate(file: Path, decision: str | None, source: BinaryIO) -> None:
    """Decide casos: cada línea da una línea. / Decide cases: each line gives one line.

    A line of JSON gives {"result": …} or {"error": {"code", "message"}}. Exit status 0 when every line was
    answered, 2 when the file cannot be used.
    """
    decide = usable(lambda: decider_of(file, decision))
    for line in answers(source, decide, language()):
        click.echo(line)
        sys.stdout.flush()


@rules.command()
@table_file
@which_decision
@cases_input
def explain(file: Path, decision: str | None, source: BinaryIO) -> None:
    """Decide casos y dice por qué. / Decide cases and say why.

    For each line the matching rows, the inputs as they were read, and for every other row the first cell that fails.
    """
    table = usable(lambda: one_table(file, decision))

    def reasons(case: Any) -> dict[str, Any]:
        found = table.explain(case)
        failed = {
            row: {"column": cell.column, "cell": cell.text} for row, cell in table.failed_cells(case).items()
        }
        return {
            "result": found.result,
            "matched": found.matched,
            "deciding": found.deciding,
            "inputs": found.inputs_used,
            "assumed": found.assumed,
            "failed": failed,
            "table": table.name,
            "content_hash": table.content_hash,
        }

    for line in answers(source, reasons, language()):
        click.echo(line)
        sys.stdout.flush()


@rules.command()
@table_folder
def check(folder: Path) -> None:
    """Muestra todos los errores de una ruta o tabla. / Show every mistake in a pathway or table.

    Reads a folder or a file strictly and prints each mistake as file:row:column: message. Exit status 1 when there
    are any.
    """
    try:
        tables = tables_of(folder)
        invariants = load_invariants(folder, tables)
    except TableErrors as error:
        print_problems(error.problems)
        sys.exit(FOUND)
    rows = sum(len(table.rows) for table in tables.values())
    click.echo(
        either(
            f"{len(tables)} tablas, {rows} filas, {len(invariants)} reglas de seguridad: sin errores",
            f"{len(tables)} tables, {rows} rows, {len(invariants)} invariants: no mistakes",
        )
    )


@rules.command("prove")
@table_folder
@click.option("--overlaps", is_flag=True, help="También filas que se pisan. / Also rows that overlap.")
@click.option(
    "--limit", default=20, show_default=True, help="Hallazgos de cada clase. / Findings of each kind."
)
@click.option(
    "--offers",
    type=click.File("rb"),
    help='JSON {"CO-CUCUTA": ["HE_CMR", …]}: qué se ofrece dónde. / What is offered where.',
)
@click.option("--json", "as_json", is_flag=True, help="Un JSON por hallazgo. / One JSON for each finding.")
def prove_(folder: Path, overlaps: bool, limit: int, offers: BinaryIO | None, as_json: bool) -> None:
    """Prueba una ruta o muestra a quién falla. / Prove a pathway or show whom it fails.

    Gaps, conflicts, dead rows, broken invariants and unreachable outcomes, each with a concrete case. Exit status 1
    when anything is found, 2 when the tables cannot be read.
    """
    tables = usable(lambda: tables_of(folder))
    invariants = usable(lambda: load_invariants(folder, tables))
    found = [finding for table in tables.values() for finding in prove(table, overlaps=overlaps, limit=limit)]
    found += prove_invariants(tables, invariants, limit=limit)
    if offers is not None:
        places = places_from(usable(lambda: read_case(offers.read())))
        found += [finding for table in tables.values() for finding in unreachable(table, places)]
    for finding in found:
        click.echo(as_line(finding, tables, as_json=as_json))
    if found:
        sys.exit(FOUND)
    if not as_json:
        click.echo(either("Probado: nada que señalar.", "Proven: nothing to report."))


def as_line(finding: Finding, tables: dict[str, DecisionTable], *, as_json: bool) -> str:
    said = describe(finding, tables[finding.table], language())
    if not as_json:
        return f"{finding.table}: {finding.kind.value}: {said}"
    case = None if finding.case is None else dict(finding.case)
    return written(
        {
            "table": finding.table,
            "kind": finding.kind.value,
            "rows": finding.rows,
            "case": case,
            "columns": finding.columns,
            **finding.details,
            "message": said,
        }
    )


def language() -> Language:
    return "en" if in_english() else "es"


def usable(load: Callable[[], Found]) -> Found:
    """What a loader gives; ends the program with status 2 and the mistakes when it cannot."""
    try:
        return load()
    except TableErrors as error:
        unusable(error.problems)
    except CellError as error:
        unusable([error.problem])


def unusable(problems: Sequence[Problem]) -> NoReturn:
    print_problems(problems)
    sys.exit(UNUSABLE)


def print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        click.echo(problem.line(language()), err=True)


def decider_of(file: Path, decision: str | None) -> Decide:
    if file.suffix.lower() in DMN_ENDINGS:
        return model_decider(model_in(file, partly=True), decision)
    return decider(load_file(file))


def one_table(file: Path, decision: str | None) -> DecisionTable:
    if file.suffix.lower() not in DMN_ENDINGS:
        return load_file(file)
    tables = model_in(file).tables
    if decision is None and len(tables) == 1:
        return next(iter(tables.values()))
    if decision is None or decision not in tables:
        raise CellError("which_decision", found=", ".join(tables))
    return tables[decision]


def model_in(file: Path, *, partly: bool = False) -> Model:
    """The model of a DMN file. Raises TableErrors."""
    if not file.is_file():
        raise TableErrors([Problem("missing_file", file.name)])
    return read_dmn(file.read_bytes(), file.name, partly=partly)


def tables_of(path: Path) -> dict[str, DecisionTable]:
    """The tables of a folder, or of one file."""
    if path.is_dir():
        return load_folder(path)
    if path.suffix.lower() in DMN_ENDINGS:
        return dict(model_in(path).tables)
    table = load_file(path)
    return {table.name: table}
