"""What views need: who looks, the time, the keys, and a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from services.notifications.operations.reporting import Reports
from services.notifications.settings import Settings
from services.notifications.store.reading import Reader
from services.notifications.store.sealing import Seals
from shared import bus
from shared.bus import Doorbell
from shared.clock import parse_time
from shared.errors import Invalid
from shared.ids import is_id
from shared.web import ApiBlueprint, current_actor, decode_cursor, engine, resource
from shared.web.api import PROBLEM
from shared.web.problems import ProblemSchema

MEANINGS = {
    400: "The body is not JSON",
    401: "Nobody signed in, or a wrong secret",
    403: "Not for the caller's role",
    404: "No such thing, or none that the caller may know of",
    409: "It was done before",
    413: "Larger than allowed",
    415: "Another content type than JSON",
    422: "Something is wrong; `errors` says what, by field",
}
SIGNED_IN = (401, 403)
BODY = (400, 413, 415, 422)


def refuses(blueprint: ApiBlueprint, *statuses: int) -> Callable[[Any], Any]:
    """Document that a view may answer `statuses`, each as problem details."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            documented = blueprint.alt_response(
                status, schema=ProblemSchema, description=MEANINGS[status], content_type=PROBLEM
            )
            view = documented(view)
        return view

    return decorate


def reader() -> Reader:
    """Who looks."""
    actor = current_actor()
    return Reader(actor.account_id, actor.role, actor.organization_id)


def settings() -> Settings:
    made: Settings = resource("settings")
    return made


def seals() -> Seals:
    made: Seals = resource("seals")
    return made


def transaction() -> AbstractContextManager[Connection]:
    """One transaction; doorbells ring after its commit."""
    return bus.transaction(engine(), doorbell())


def doorbell() -> Doorbell:
    made: Doorbell = resource("doorbell")
    return made


@dataclass
class SeldomBell:
    """Rings for a job at most every `pause` seconds. The last of a burst may find it silent: the sweeper comes by."""

    doorbell: Doorbell
    job: str
    pause: float = 0.2
    clock: Callable[[], float] = time.monotonic
    rung_at: float = float("-inf")

    def ring(self) -> None:
        now = self.clock()
        if now - self.rung_at >= self.pause:
            self.rung_at = now
            self.doorbell.ring(self.job)


def reports() -> Reports:
    made: Reports = resource("reports")
    return made


def settle_bell() -> SeldomBell:
    made: SeldomBell = resource("settle_bell")
    return made


def cursor(text: str | None) -> Sequence[Any] | None:
    """The (time, id) key of the last row shown. Raises Invalid for a cursor that is none of ours."""
    key = decode_cursor(text, size=2)
    if key is None:
        return None
    try:
        at, row_id = parse_time(str(key[0])), str(key[1])
    except ValueError:
        at, row_id = None, ""
    if at is None or not is_id(row_id):
        raise Invalid("La página pedida no existe. Empiece por la primera.", code="bad_cursor")
    return at, row_id
