"""`ruta rules replay`: what would have happened to the past cases of a running system under other rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from deploy.local.options import data_option
from deploy.local.referral import referral_service
from deploy.local.remote import CannotRun, ask, token_option, url_option
from deploy.local.replay_words import lines
from deploy.local.rules_reading import FOUND, language, usable
from deploy.local.terminal import either
from services.referral.domain.decisions import load_folder
from services.referral.domain.pathway_tables import Pathway
from services.referral.operations.replay_views import shown_replay
from services.referral.operations.replaying import BOTH, MOST_CASES, Extent, replay_rules, replay_version
from shared.clock import utc_now
from shared.errors import AppError
from shared.ids import is_id


@click.command()
@click.argument("draft")
@click.option(
    "--cases",
    default=1_000,
    show_default=True,
    type=click.IntRange(100, MOST_CASES),
    help="Las atenciones más recientes, en cientos. / The newest assessments, in hundreds.",
)
@click.option(
    "--directory",
    default="both",
    show_default=True,
    type=click.Choice([*BOTH, "both"]),
    help="El directorio de entonces, el de hoy o ambos. / The directory of then, of now, or both.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Todo el resultado en JSON. / The whole result as JSON."
)
@url_option
@token_option
@data_option
def replay(draft: str, *, as_json: bool, **asked: Any) -> None:
    """Simula un borrador con atenciones pasadas. / Replay past cases through a draft.

    DRAFT is a folder with a pathway's tables, or the id of a version kept in the system. Its decisions are compared
    with those of the rules in force, over the past cases of the system that runs on the data folder (or that the
    environment names, or behind --url with --token). Nobody is identified and nothing is written. Exit status 1 when a
    person with a safety flag would lose a protective route, 2 when the replay cannot run.
    """
    folder = Path(draft)
    if not is_id(draft) and not folder.is_dir():
        told = either(
            f"{draft} no es una carpeta ni una versión.", f"{draft} is neither a folder nor a version."
        )
        raise CannotRun(told)
    pathway = None if is_id(draft) else usable(lambda: Pathway(folder.name, load_folder(folder)))
    decide = _here if asked["url"] is None else _elsewhere
    found = decide(draft, pathway, asked)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for line in lines(found):
            click.echo(line)
    if found["stops"]:
        sys.exit(FOUND)


def _here(draft: str, pathway: Pathway | None, asked: dict[str, Any]) -> dict[str, Any]:
    """On the database of this host."""
    extent = Extent(asked["cases"], BOTH if asked["directory"] == "both" else (asked["directory"],))
    try:
        with referral_service(asked["data"]) as (conn, router):
            if pathway is None:
                found = replay_version(conn, router, draft, now=utc_now(), extent=extent)
            else:
                found = replay_rules(conn, router, pathway, now=utc_now(), extent=extent)
    except AppError as error:
        raise CannotRun(error.message) from error
    return shown_replay(found, language())


def _elsewhere(draft: str, pathway: Pathway | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Through the API; the tables travel along."""
    body: dict[str, Any] = {"limit": asked["cases"], "directory": asked["directory"]}
    path = f"/pathways/{draft}/replay"
    if pathway is not None:
        path = "/pathways/replay"
        body["files"] = {
            file.name: file.read_text(encoding="utf-8-sig") for file in sorted(Path(draft).glob("*.csv"))
        }
    found: dict[str, Any] = ask(asked["url"], asked["token"] or "", "POST", path, body)
    return found
