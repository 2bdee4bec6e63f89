"""Take many assessments in: chunk by chunk, each chunk one transaction; a bad line costs only itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from services.intake.domain.findings import Findings
from services.intake.operations.submitting import Accepted, NeedIdTaken, Sender, prepare, submit
from services.intake.schemas.files import Line
from services.intake.schemas.reading import Edge
from services.intake.store.rows import Incoming
from services.intake.store.sealing import Vault
from shared.errors import AppError, Conflict, Invalid

CHUNK = 200
"""Assessments per transaction: most of the speed of larger ones, and locks for tens of milliseconds."""


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of a line."""

    number: int
    id: str | None
    answer: Accepted | AppError


@dataclass(frozen=True)
class Desk:
    """Where assessments are taken in: how to begin a transaction, the vault, for whom, and when."""

    begin: Callable[[], AbstractContextManager[Connection]]
    vault: Vault
    sender: Sender
    edge: Edge


def submit_lines(desk: Desk, lines: Iterable[Line]) -> Iterator[list[LineAnswer]]:
    """Answers chunk by chunk, in the order of the lines; each chunk is committed before it is answered."""
    seen: dict[str, int] = {}
    source = iter(lines)
    while chunk := list(islice(source, CHUNK)):
        answers: dict[int, LineAnswer] = {}
        ready: dict[int, Incoming] = {}
        for line in chunk:
            try:
                ready[line.number] = _prepare(desk, line, seen)
            except AppError as error:
                answers[line.number] = LineAnswer(line.number, _id_of(line.document), error)
        answers |= _store(desk, ready)
        yield [answers[line.number] for line in chunk]


def _prepare(desk: Desk, line: Line, seen: dict[str, int]) -> Incoming:
    if isinstance(line.document, ValueError):
        raise Invalid("Hay datos por corregir.", code="not_json", fields=_not_json(line.document).fields)
    incoming = prepare(line.document, desk.sender, desk.edge, desk.vault)
    first = seen.setdefault(incoming.assessment.id, line.number)
    if first != line.number:
        findings = Findings()
        findings.add("id", "line_repeated", line=first)
        raise Invalid("Hay datos por corregir.", fields=findings.fields)
    return incoming


def _not_json(error: ValueError) -> Findings:
    findings = Findings()
    if isinstance(error, UnicodeDecodeError):
        findings.add("body", "body_not_text")
    elif isinstance(error, json.JSONDecodeError):
        findings.add("body", "body_not_json", line=1, column=error.colno)
    else:
        findings.add("body", "body_too_deep" if "deep" in str(error) else "body_not_json", line=1, column=1)
    return findings


def _store(desk: Desk, ready: dict[int, Incoming]) -> dict[int, LineAnswer]:
    """All in one transaction; if one of them spoils it, each in its own."""
    if not ready:
        return {}
    try:
        found = _submit(desk, list(ready.values()))
    except NeedIdTaken:
        found = {}
        for one in ready.values():
            found |= _submit_alone(desk, one)
    return {
        number: LineAnswer(number, one.assessment.id, found[one.assessment.id])
        for number, one in ready.items()
    }


def _submit(desk: Desk, incoming: Sequence[Incoming]) -> dict[str, Accepted | Invalid | Conflict]:
    with desk.begin() as conn:
        return submit(conn, desk.vault, incoming, now=desk.edge.now)


def _submit_alone(desk: Desk, one: Incoming) -> dict[str, Accepted | Invalid | Conflict]:
    try:
        return _submit(desk, [one])
    except NeedIdTaken as error:
        return {one.assessment.id: error}


def _id_of(document: Any) -> str | None:
    """The id of a refused line as it was sent, when it can be told at all."""
    sent = document.get("id") if isinstance(document, dict) else None
    return (
        sent if isinstance(sent, str) and len(sent) == 36 and sent.isascii() and sent.isprintable() else None
    )
