"""A client that sends assessments at a steady pace and keeps a ledger: `python -m tests.chaos.load FOLDER SEED RATE`.

Each assessment is sent until it is answered 2xx, as a phone with a bad connection does; then it goes into the ledger;
now and then it is sent once more. SIGTERM: no new ones, what is under way is brought to an end. FOLDER/load.json says
at the end how it went.
"""

from __future__ import annotations

import itertools
import json
import random
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import requests

from deploy.local.embedded import credentials
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web.actor import Actor
from tests.chaos import cases
from tests.chaos.ledger import Entry, Ledger

THREADS = 12
SENDERS = 3
LAST_PATIENCE = 60.0
TIMEOUT = (2.0, 8.0)
AGAIN = 0.03


@dataclass
class Load:
    """`rate` assessments a second, at fixed moments; a slow answer delays the ones after it, up to THREADS at once."""

    url: str
    secret_key: str
    seed: int
    rate: float
    ledger: Ledger
    ending: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, object]] = field(default_factory=list)

    def run(self) -> None:
        """Send until `ending` is set; returns when nothing is under way."""
        self.began = time.monotonic()
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.tokens = [self._token(number) for number in range(SENDERS)]
        threads = [threading.Thread(target=self._send_forever) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _token(self, number: int) -> str:
        organization = cases.stable_id("sender", 0, number)
        actor = Actor(
            cases.stable_id("focal point", 0, number),
            "focal_point",
            organization,
            "Carga",
            "es",
            new_id(),
            "api",
        )
        return mint(actor, secret_key=self.secret_key)

    def _send_forever(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while not self.ending.is_set():
            with self.lock:
                number = next(self.numbers)
            wait = self.began + number / self.rate - time.monotonic()
            if wait > 0 and self.ending.wait(wait):
                return
            self._bring_in(session, number)

    def _bring_in(self, session: requests.Session, number: int) -> None:
        document = cases.assessment(self.seed, number)
        chance = random.Random(f"again:{self.seed}:{number}")
        tries = self._until_acknowledged(session, number, document)
        if tries is None:
            return
        self.ledger.write(
            Entry(
                id=document["id"],
                organization_id=cases.stable_id("sender", 0, number % SENDERS),
                needs=tuple(need["id"] for need in document["needs"]),
                at=time.time(),
                tries=tries,
            )
        )
        self.counts["acknowledged"] += 1
        if chance.random() < AGAIN:
            answer = self._post(session, number, document)
            if answer is not None and 400 <= answer < 500:
                self._problem(number, answer, "a repeat was refused")

    def _until_acknowledged(self, session: requests.Session, number: int, document: dict) -> int | None:
        """How many tries it took, or None when it was refused or never answered."""
        until: float | None = None
        for tries in itertools.count(1):
            status = self._post(session, number, document)
            if status in {200, 201}:
                return tries
            if status is not None and 400 <= status < 500 and status != 429:
                self._problem(number, status, "refused")
                return None
            if self.ending.is_set():
                until = until or time.monotonic() + LAST_PATIENCE
                if time.monotonic() > until:
                    self.counts["never answered"] += 1
                    return None
            time.sleep(min(0.05 * tries, 0.5))
        return None

    def _post(self, session: requests.Session, number: int, document: dict) -> int | None:
        try:
            answer = session.post(
                f"{self.url}/intake/api/v1/assessments",
                json=document,
                headers={"Authorization": f"Bearer {self.tokens[number % SENDERS]}"},
                timeout=TIMEOUT,
            )
        except requests.RequestException as error:
            self.counts[f"error {type(error).__name__}"] += 1
            return None
        self.counts[f"answer {answer.status_code}"] += 1
        return answer.status_code

    def _problem(self, number: int, status: int, what: str) -> None:
        self.problems.append({"number": number, "status": status, "what": what})


def main() -> None:
    folder = Path(sys.argv[1])
    layout = json.loads((folder / "machine.json").read_text())
    load = Load(
        url=f"http://127.0.0.1:{layout['web']}",
        secret_key=credentials.read(folder / "data" / "secrets.env")["SECRET_KEY"],
        seed=int(sys.argv[2]),
        rate=float(sys.argv[3]),
        ledger=Ledger(folder / "ledger.jsonl"),
    )
    signal.signal(signal.SIGTERM, lambda *_: load.ending.set())
    load.run()
    load.ledger.close()
    (folder / "load.json").write_text(json.dumps({"counts": load.counts, "problems": load.problems}))


if __name__ == "__main__":
    main()
