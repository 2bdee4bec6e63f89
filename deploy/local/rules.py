"""`ruta rules`: rule tables evaluated, checked, proven and explained without a running stack, and replayed on one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from deploy.local.lazy import LazyGroup
from deploy.local.rules_reading import (
    DMN_ENDINGS,
    FOUND,
    language,
    model_in,
    print_problems,
    table_folder,
    tables_of,
    usable,
)
from deploy.local.terminal import either
from services.referral.dmn import decider
from services.referral.dmn.answers import Decide, Fill, model_table
from services.referral.dmn.lines import answers
from services.referral.domain.decisions import DecisionTable, TableErrors
from services.referral.domain.decisions.errors import CellError, nearest
from services.referral.domain.decisions.proof import load_invariants

COMMANDS = {
    "prove": "deploy.local.rules_prove:prove_",
    "replay": "deploy.local.rules_replay:replay",
}

table_file = click.argument("file", type=click.Path(path_type=Path))
which_decision = click.option(
    "--decision",
    help="Decisión de un modelo DMN, o tabla de una carpeta o un libro. / Decision or table, where there are several.",
)
cases_input = click.option(
    "--input",
    "source",
    type=click.File("rb"),
    default="-",
    help="Casos, un JSON por línea. / Cases, one JSON a line.",
)


@click.group(cls=LazyGroup, places=COMMANDS)
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
    table, filled = usable(lambda: one_table(file, decision))

    def reasons(given: Any) -> dict[str, Any]:
        case = filled(given)
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
            f"Sin errores. Tablas: {len(tables)}; filas: {rows}; promesas de seguridad: {len(invariants)}.",
            f"No mistakes. Tables: {len(tables)}; rows: {rows}; safety promises: {len(invariants)}.",
        )
    )


def decider_of(file: Path, decision: str | None) -> Decide:
    table, filled = one_table(file, decision)
    decide = decider(table)
    return lambda case: decide(filled(case))


def one_table(file: Path, decision: str | None) -> tuple[DecisionTable, Fill]:
    """The table that is meant, and what makes of a case its inputs; of a file with one table it needs no name."""
    if file.suffix.lower() in DMN_ENDINGS and not file.is_dir():
        return model_table(model_in(file, partly=True), decision)
    tables = tables_of(file)
    if len(tables) > 1 and decision is None:
        raise CellError("which_decision", found=", ".join(tables))
    if len(tables) > 1 and decision not in tables:
        raise CellError("unknown_decision", found=decision, suggestion=nearest(str(decision), tables))
    return tables[decision] if decision in tables else next(iter(tables.values())), lambda case: case
