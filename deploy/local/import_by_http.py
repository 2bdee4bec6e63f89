"""Assessments of a file through the API of a server: the next batch is read and sent while the server has one at work,
and waits its turn where order matters. A server that is at its limit is waited for."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import click

from deploy.local.import_answers import Answered, Send
from deploy.local.terminal import either, errors, in_english
from services.intake.schemas.files import Line
from shared import outbound

PATH = "/intake/api/v1/assessments/batch"
LINES = 200
"""Of one batch, at most: as many as the server stores in one transaction."""
BYTES = 4 * 1024 * 1024
"""Of one batch, at most."""
LONGEST = 250 * 1024
"""Bytes of a line: the server takes 256 KB."""
UNDER_WAY = 2
"""Batches on their way at once: while one waits for the disk the other is checked. More would only make the server
slower for everybody else."""
AT_ITS_LIMIT_SECONDS = 5.0
"""Pause before a server that has enough to do is asked again."""


@dataclass(frozen=True, slots=True)
class WrittenLine(Line):
    """A line with its text as it stands in the file: it is sent as it is."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that are sent together: their numbers in the file, and the ids of the assessments and persons in them."""

    numbers: list[int]
    body: bytes
    ids: frozenset[str]


def by_http(url: str, token: str) -> Send:
    """Through the batch API at `url`."""

    def send(lines: Iterable[Line]) -> Iterator[list[Answered]]:
        client = Client(f"{url.rstrip('/')}{PATH}", token)
        try:
            yield from client.deliver_all(batches(lines))
        finally:
            client.close()

    return send


class Client:
    """Sends batches, UNDER_WAY at once. Answers come in the order of the batches; one that speaks of a person or an
    assessment of an earlier batch is sent when that one has been answered."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-ndjson",
            "Accept-Language": "en" if in_english() else "es",
        }
        self._session = outbound.make_session()
        self._pool = ThreadPoolExecutor(UNDER_WAY)
        self._ending = threading.Event()
        self._told_to_wait = False

    def deliver_all(self, several: Iterable[Batch]) -> Iterator[list[Answered]]:
        """What became of each line, batch by batch. Raises ClickException when the server cannot be had."""
        under_way: deque[tuple[Batch, Future[list[Answered]]]] = deque()
        for batch in several:
            while under_way and (
                len(under_way) >= UNDER_WAY or any(batch.ids & one.ids for one, _ in under_way)
            ):
                yield under_way.popleft()[1].result()
            under_way.append((batch, self._pool.submit(self._deliver, batch)))
        while under_way:
            yield under_way.popleft()[1].result()

    def close(self) -> None:
        """Send nothing more, and wait for what is on its way."""
        self._ending.set()
        self._pool.shutdown(cancel_futures=True)
        self._session.close()

    def _deliver(self, batch: Batch) -> list[Answered]:
        while True:
            try:
                answer = outbound.call(
                    self._session,
                    "POST",
                    self._address,
                    read_seconds=60,
                    data=batch.body,
                    headers=self._headers,
                )
                break
            except outbound.OutboundError as error:
                if error.status != 503 or self._ending.is_set():
                    raise _no_answer(error) from error
                self._wait()
        if answer.status_code != 200:
            raise click.ClickException(str(answer.json().get("title", answer.status_code)))
        return [
            Answered(batch.numbers[one["line"] - 1], one.get("id"), one["status"], one.get("errors") or [])
            for one in answer.json()["lines"]
        ]

    def _wait(self) -> None:
        if not self._told_to_wait:
            self._told_to_wait = True
            errors.print(
                either(
                    "El servidor está al límite; la importación espera y sigue sola.",
                    "The server is at its limit; the import waits and goes on by itself.",
                )
            )
        self._ending.wait(AT_ITS_LIMIT_SECONDS)


def batches(lines: Iterable[Line]) -> Iterator[Batch]:
    """Lines in batches of LINES and BYTES at most."""
    numbers: list[int] = []
    texts: list[bytes] = []
    ids: set[str] = set()
    size = 0
    for line in lines:
        text = _text(line)
        if numbers and (len(numbers) >= LINES or size + len(text) > BYTES):
            yield Batch(numbers, b"\n".join(texts), frozenset(ids))
            numbers, texts, ids, size = [], [], set(), 0
        numbers.append(line.number)
        texts.append(text)
        ids.update(_ids(line))
        size += len(text)
    if numbers:
        yield Batch(numbers, b"\n".join(texts), frozenset(ids))


def _text(line: Line) -> bytes:
    """One line of NDJSON; one that could not be read, or is too long, goes as one that cannot be read either."""
    if isinstance(line.document, ValueError):
        return b"{"
    text = line.text.strip() if isinstance(line, WrittenLine) else _dumped(line)
    return text if len(text) <= LONGEST else b"{"


def _dumped(line: Line) -> bytes:
    return json.dumps(line.document, default=str).encode(errors="replace")


def _ids(line: Line) -> Iterator[str]:
    """What the order of lines matters for: the assessment, and a person whose id the sender gave."""
    document = line.document
    person = document.get("person") if isinstance(document, dict) else None
    for one in (document, person):
        found = one.get("id") if isinstance(one, dict) else None
        if isinstance(found, str):
            yield found.lower()


def _no_answer(error: outbound.OutboundError) -> click.ClickException:
    return click.ClickException(
        either(
            f"El servidor no responde ({error}). Repita la importación: lo guardado no se duplica.",
            f"The server does not answer ({error}). Import again: nothing is stored twice.",
        )
    )
