"""`ruta rules prove`: whom a pathway fails, and what nobody can deliver."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from deploy.local.options import data_option
from deploy.local.remote import token_option, url_option
from deploy.local.rules_offers import Offers, places_of
from deploy.local.rules_reading import FOUND, language, table_folder, tables_of, usable
from deploy.local.terminal import either
from services.referral.dmn.lines import written
from services.referral.domain.decisions import DecisionTable
from services.referral.domain.decisions.proof import (
    Finding,
    describe,
    load_invariants,
    prove,
    prove_invariants,
)
from services.referral.domain.decisions.proof.reach import unreachable


@click.command("prove")
@table_folder
@click.option("--overlaps", is_flag=True, help="También filas que se pisan. / Also rows that overlap.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Hallazgos de cada clase. / Findings of each kind.",
)
@click.option(
    "--offers",
    type=click.File("rb"),
    help='JSON {"CO-CUCUTA": ["HE_CMR", …]}: qué se ofrece dónde. / What is offered where.',
)
@click.option(
    "--directory",
    type=click.Path(exists=True, path_type=Path),
    help="Directorio HSDS (JSON, o CSV en carpeta o zip). / HSDS directory.",
)
@click.option(
    "--running", is_flag=True, help="El directorio del sistema en marcha. / The running system's directory."
)
@url_option
@token_option
@data_option
@click.option("--json", "as_json", is_flag=True, help="Un JSON por hallazgo. / One JSON for each finding.")
def prove_(folder: Path, *, overlaps: bool, limit: int, as_json: bool, **where: Any) -> None:
    """Prueba una ruta o muestra a quién falla. / Prove a pathway or show whom it fails.

    Gaps, conflicts, dead rows, broken invariants and, where something tells what is offered (--offers, --directory,
    --running, or --url with --token), unreachable outcomes; each with a concrete case. Exit status 1 when anything is
    found, 2 when the tables or the offers cannot be read.
    """
    tables = usable(lambda: tables_of(folder))
    invariants = usable(lambda: load_invariants(folder, tables))
    found = [finding for table in tables.values() for finding in prove(table, overlaps=overlaps, limit=limit)]
    found += prove_invariants(tables, invariants, limit=limit)
    places = places_of(Offers(**where))
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
