"""What the commands on rule tables share: reading them, and mistakes told with file, row and column."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import click

import services.referral
from deploy.local.terminal import in_english
from services.referral.dmn import Model, read_dmn
from services.referral.domain.decisions import DecisionTable, TableErrors
from services.referral.domain.decisions.errors import CellError, Problem
from services.referral.domain.decisions.folder import load_tables
from services.referral.domain.decisions.messages import Language
from services.referral.domain.decisions.proof.invariants import FILE as INVARIANTS

DMN_ENDINGS = (".dmn", ".xml")
OF_A_FOLDER = frozenset({"columns.csv", INVARIANTS})
FOUND, UNUSABLE = 1, 2
COMMUNITY = Path(services.referral.__file__).parent / "pathways" / "community"
Found = TypeVar("Found")

table_folder = click.argument("folder", type=click.Path(path_type=Path), default=COMMUNITY)


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


def model_in(file: Path, *, partly: bool = False) -> Model:
    """The model of a DMN file. Raises TableErrors."""
    if not file.is_file():
        raise TableErrors([Problem("missing_file", file.name)])
    return read_dmn(file.read_bytes(), file.name, partly=partly)


def tables_of(path: Path) -> dict[str, DecisionTable]:
    """The tables of a folder, or of one file."""
    if path.suffix.lower() in DMN_ENDINGS and not path.is_dir():
        return dict(model_in(path).tables)
    if path.name in OF_A_FOLDER and path.is_file():
        raise TableErrors([Problem("belongs_to_folder", path.name)])
    return load_tables(path)
