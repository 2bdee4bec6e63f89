"""Who offers what where, for the proof: from a file of offers, a directory, or a running system."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

from deploy.local.import_directory import load_package
from deploy.local.referral import referral_service
from deploy.local.remote import CannotRun, ask
from deploy.local.terminal import either
from services.referral.domain.decisions.proof import Place
from services.referral.domain.decisions.proof.reach import places_from
from services.referral.domain.hsds import read
from services.referral.domain.snapshot import Snapshot
from services.referral.operations.proving import reached
from shared import codes
from shared.clock import local_day, utc_now


@dataclass(frozen=True)
class Offers:
    """Where the offers come from; the first one that is given counts, and with none there are none."""

    offers: BinaryIO | None
    directory: Path | None
    running: bool
    url: str | None
    token: str | None
    data: Path


def places_of(asked: Offers) -> list[Place]:
    """The localities of the plan with what is offered there. Raises CannotRun for a file or a system that
    gives none: with no place at all nothing would be missing anywhere."""
    if not (
        asked.offers is not None or asked.directory is not None or asked.running or asked.url is not None
    ):
        return []
    found = _told(asked)
    if not found:
        raise CannotRun(
            either(
                "No hay ningún lugar donde alguien ofrezca algo: no hay con qué comprobar las reglas.",
                "There is no place where anybody offers anything: nothing to check the rules against.",
            )
        )
    return found


def _told(asked: Offers) -> list[Place]:
    if asked.offers is not None:
        return places_from(_known(_offers(_json(asked.offers.read()))))
    if asked.directory is not None:
        return _from_package(asked.directory)
    if asked.running:
        with referral_service(asked.data) as (conn, router):
            now = utc_now()
            return reached(router.catalogue.snapshot(conn, now=now), today=local_day(now))
    return places_from(_offers(ask(asked.url, asked.token or "", "GET", "/offers")["offers"]))


def _from_package(file: Path) -> list[Place]:
    now = utc_now()
    try:
        found = read(load_package(file), now=now)
    except (ValueError, OSError, zipfile.BadZipFile, csv.Error) as error:
        told = either(f"No se pudo leer {file.name}: {error}", f"{file.name} could not be read: {error}")
        raise CannotRun(told) from error
    services = [entry.service for entry in found.entries.values()]
    if not services:
        raise CannotRun(either(f"{file.name} no tiene servicios.", f"{file.name} holds no services."))
    return reached(Snapshot().with_changes(services, version=1), today=local_day(now))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise CannotRun(either("Las ofertas no son JSON.", "The offers are no JSON.")) from error


def _offers(said: Any) -> Mapping[str, list[str]]:
    if not isinstance(said, Mapping) or not all(isinstance(kinds, list) for kinds in said.values()):
        raise CannotRun(
            either(
                'Las ofertas son un objeto JSON: {"CO-CUCUTA": ["HE_CMR", …]}.',
                'Offers are a JSON object: {"CO-CUCUTA": ["HE_CMR", …]}.',
            )
        )
    return said


def _known(offers: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """A kind of help that is mistyped would be missing everywhere, and its row be blamed."""
    kinds = codes.load("service_types")
    for locality, offered in offers.items():
        for kind in offered:
            if kind not in kinds:
                near = get_close_matches(str(kind), kinds, n=1)
                hint = either(f"; ¿quiso decir {near[0]}?", f"; did you mean {near[0]}?") if near else ""
                raise CannotRun(
                    either(
                        f"Ofertas, {locality}: no existe el servicio «{kind}»{hint}",
                        f"Offers, {locality}: there is no service “{kind}”{hint}",
                    )
                )
    return offers
