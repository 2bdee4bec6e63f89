"""Assessments of a file straight into the database of this host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import click

from deploy.local.import_answers import Answered, Send
from deploy.local.terminal import either, in_english
from services.intake.app import HERE as INTAKE
from services.intake.operations import consent_rules
from services.intake.operations.batching import Desk, LineAnswer, submit_lines
from services.intake.operations.submitting import Accepted, Sender
from services.intake.schemas.files import Line
from services.intake.schemas.reading import Edge
from services.intake.store.sealing import Vault, parse_keys
from shared import bus
from shared.bus import Doorbell
from shared.clock import utc_now
from shared.database import make_engine
from shared.identity import store as accounts
from shared.ids import new_id
from shared.web.catalog import SHARED, load_catalogs

FOCAL_POINT = "focal_point"


def directly(settings: Mapping[str, str], username: str | None) -> Send:
    """Into the database of this host, on behalf of the account called `username`."""
    sender = find_sender(settings, username)
    vault = Vault(parse_keys(settings["INTAKE_ENCRYPTION_KEY"]))
    doorbell = Doorbell(settings["BROKER_URL"])

    def send(lines: Iterable[Line]) -> Iterator[list[Answered]]:
        engine = make_engine(settings["INTAKE_DATABASE_URL"], pool_size=1, application="ruta import")
        try:
            with engine.connect() as conn:
                edge = Edge(utc_now(), new_id, consent_rules.read(conn))
            desk = Desk(lambda: bus.transaction(engine, doorbell), vault, sender, edge)
            for answers in submit_lines(desk, lines):
                yield [_answered(one) for one in answers]
        finally:
            engine.dispose()

    return send


def find_sender(settings: Mapping[str, str], username: str | None) -> Sender:
    """On whose behalf: the account called `username`, or the only focal point there is."""
    engine = make_engine(settings["IDENTITY_DATABASE_URL"], pool_size=1, application="ruta import")
    try:
        with engine.connect() as conn:
            every = accounts.accounts(conn, after=None, limit=500)
    finally:
        engine.dispose()
    possible = [one for one in every if one["role"] == FOCAL_POINT and one["organization_id"] is not None]
    chosen = [one for one in possible if username is None or one["username"] == username.lower()]
    if len(chosen) != 1:
        names = ", ".join(one["username"] for one in possible[:20]) or "-"
        raise click.ClickException(
            either(
                f"Diga por qué punto focal se importa, con --as-account: {names}",
                f"Say for which focal point to import, with --as-account: {names}",
            )
        )
    return Sender(str(chosen[0]["organization_id"]), str(chosen[0]["id"]))


def _answered(line: LineAnswer) -> Answered:
    if isinstance(line.answer, Accepted):
        return Answered(line.number, line.id, 201 if line.answer.is_new else 200, [])
    found = [
        {"field": name, "code": one.code, "message": translated(one.message, one.params)}
        for name, several in line.answer.fields.items()
        for one in several
    ]
    whole = {
        "field": "id",
        "code": line.answer.code,
        "message": translated(line.answer.message, line.answer.params),
    }
    return Answered(line.number, line.id, line.answer.status, found or [whole])


def translated(message: str, params: Mapping[str, Any] | None) -> str:
    """A sentence in the language of this terminal."""
    told = _catalog().gettext(message) if in_english() else message
    return told % params if params else told


@cache
def _catalog() -> Any:
    return load_catalogs([SHARED, INTAKE / "translations"], "en")
