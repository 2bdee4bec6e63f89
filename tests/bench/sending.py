"""Invented cases, sent by the load client, and the wait for what comes out at the gateway."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web.actor import Actor
from tests.bench.stack import ROOT, Stack, ruta
from tests.chaos import cases

PATH = "/intake/api/v1/assessments"
NEED = "EDU.OOS"
"""One ordinary need. The tables turn it into two referrals, so the case has three messages: two to organizations, one
to the person."""
EMERGENCY = "PRO.PHYS"
EMERGENCY_FACTS = {"danger_now": "yes"}


WAITING = """
    SELECT (SELECT count(*) FROM bus.inbox WHERE state = 'due')
         + (SELECT count(*) FROM notifications.notification WHERE status = 'queued' AND due_at <= now())
         + (SELECT count(*) FROM notifications.notification WHERE status = 'sending')
         + (SELECT count(*) FROM notifications.report WHERE settled_at IS NULL)
"""
"""Work that is due, by the services' own indexes: asked every moment beside what is measured, it must cost nothing."""


@dataclass(frozen=True)
class Case:
    """Case `number` of organization `sender`, to be sent `due` seconds from the start (None: as soon as possible)."""

    number: int
    sender: int = 0
    due: float | None = None
    emergency: bool = False

    @property
    def phone(self) -> str:
        return cases.phone_of(self.number)


@dataclass
class Sent:
    """`at`: when the clock of each case began, by phone; `answered`: seconds until it was durable; `later`: how often
    intake said 503; `cpu_seconds` of the client."""

    at: dict[str, float]
    answered: dict[str, float]
    later: int
    cpu_seconds: float


def send(stack: Stack, several: Sequence[Case]) -> Sent:
    """Post the cases from a process of its own and return when each is answered 2xx."""
    plan, out = stack.folder / "plan.ndjson", stack.folder / "sent.json"
    tokens = {one: token_of(stack, one) for one in {case.sender for case in several}}
    with plan.open("w") as lines:
        for case in several:
            body = json.dumps(document(case))
            lines.write(json.dumps([case.due, case.phone, PATH, tokens[case.sender], body]) + "\n")
    return run_client(stack.url, plan, out)


def run_client(url: str, plan: Path, out: Path) -> Sent:
    """Send what `plan` says; see tests.bench.client."""
    command = [sys.executable, "-m", "tests.bench.client", url, str(plan), str(out)]
    subprocess.run(command, cwd=ROOT, check=True)
    told = json.loads(out.read_text())
    return Sent(
        at={key: at for key, at, _ in told["sent"]},
        answered={key: seconds for key, _, seconds in told["sent"]},
        later=told["later"],
        cpu_seconds=told["cpu_seconds"],
    )


def ruta_import(stack: Stack, file: Path) -> None:
    """`ruta import assessments` through the API, as from another machine."""
    ruta(stack, "import", "assessments", str(file), "--url", stack.url, "--token", token_of(stack, 0))


def wait_taken(stack: Stack, phones: set[str], seconds: float = 240) -> dict[str, float]:
    """Wait until the gateway has taken a message to each of `phones`; returns when it took the first one to each."""
    until = time.monotonic() + seconds
    while True:
        taken = stack.taken()
        if phones <= taken.keys():
            return {phone: taken[phone] for phone in phones}
        if time.monotonic() > until:
            missing = len(phones - taken.keys())
            raise TimeoutError(f"{missing} of {len(phones)} people were not told within {seconds} s")
        time.sleep(0.1)


def wait_quiet(stack: Stack, seconds: float = 240) -> None:
    """Wait until nothing is due on the bus and no message waits, so that nothing spills over into what comes next."""
    until = time.monotonic() + seconds
    with stack.admin() as conn:
        while True:
            row = conn.execute(WAITING).fetchone()
            if row is not None and row[0] == 0:
                return
            if time.monotonic() > until:
                raise TimeoutError(f"after {seconds} s there is still work waiting: {row}")
            time.sleep(0.2)


def document(case: Case) -> dict[str, Any]:
    """The assessment of a case: one need, one phone of the person's own."""
    found = cases.assessment(0, case.number)
    need_id = cases.stable_id("bench need", 0, case.number)
    code, facts = (EMERGENCY, EMERGENCY_FACTS) if case.emergency else (NEED, {})
    found["needs"] = [{"id": need_id, "code": code, "refer": True, "facts": facts}]
    return found


def token_of(stack: Stack, sender: int) -> str:
    """A credential of an invented focal point of organization `sender`."""
    organization, account = (cases.stable_id(kind, 0, sender) for kind in ("sender", "focal point"))
    actor = Actor(account, "focal_point", organization, "Bench", "es", new_id(), "api")
    return mint(actor, secret_key=stack.secret_key)
