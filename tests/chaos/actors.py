"""Those who answer during a run: providers take steps, persons reply. `python -m tests.chaos.actors FOLDER SEED`.

Both repeat what they are not sure of, with the same key, as careful clients do; now and then they repeat what they are
sure of as well.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import requests

from deploy.local.embedded import credentials
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web.actor import Actor
from tests.chaos import cases
from tests.chaos.evidence import read_gateway_log

PACE = 0.5
"""Seconds between two answers of one actor."""
PATHS = {
    "requested": ("acknowledge", "accept", "accept", "reject"),
    "received": ("accept",),
    "accepted": ("start",),
    "in_progress": ("complete",),
}
BODIES = {"reject": {"reason": "NO_CAPACITY"}, "complete": {"outcome": "NEED_MET"}}
SAID = ("1", "1", "2", "sí", "no")
AGAIN = 0.1


@dataclass
class Actors:
    """Calls to the product at `url`; ends when `ending` is set."""

    url: str
    secrets: dict[str, str]
    gateway_log: Path
    chance: random.Random
    ending: threading.Event = field(default_factory=threading.Event)
    session: requests.Session = field(default_factory=requests.Session)

    def run(self) -> None:
        answered: set[str] = set()
        while not self.ending.wait(PACE):
            try:
                self._provider()
                self._person(answered)
            except requests.RequestException:
                continue  # the product is away: somebody else is asked next time

    def _provider(self) -> None:
        """One organization looks at one kind of its referrals and takes the next step of one of them."""
        number, status = self.chance.randrange(cases.ORGANIZATIONS), self.chance.choice(list(PATHS))
        found = self._get(number, "referrals", status=status, limit="20")
        if not found:
            return
        referral = self.chance.choice(found)
        step = self.chance.choice(PATHS[status])
        body = {"version": referral["version"], **BODIES.get(step, {})}
        key = f"{referral['id']}-{referral['version']}-{step}"
        for _ in range(2 if self.chance.random() < AGAIN else 1):
            self.session.post(
                f"{self.url}/referral/api/v1/referrals/{referral['id']}/{step}",
                json=body,
                headers={**self._headers(number), "Idempotency-Key": key},
                timeout=8,
            )

    def _get(self, number: int, what: str, **query: str) -> list[dict]:
        answer = self.session.get(
            f"{self.url}/referral/api/v1/{what}", params=query, headers=self._headers(number), timeout=8
        )
        return answer.json()["items"] if answer.status_code == 200 else []

    def _headers(self, number: int) -> dict[str, str]:
        organization = cases.organization_id(number)
        account = cases.stable_id("provider", 0, number)
        actor = Actor(account, "provider", organization, "Prestador", "es", new_id(), "api")
        return {"Authorization": f"Bearer {mint(actor, secret_key=self.secrets['SECRET_KEY'])}"}

    def _person(self, answered: set[str]) -> None:
        """Somebody who got a message not long ago answers it."""
        messages = [
            one for one in list(read_gateway_log(self.gateway_log))[-400:] if one.reference not in answered
        ]
        if not messages:
            return
        message = self.chance.choice(messages)
        query = {"from": message.to, "text": self.chance.choice(SAID), "id": f"mo-{message.reference}"}
        secret = self.secrets["KANNEL_DLR_SECRET"]
        for _ in range(2 if self.chance.random() < AGAIN else 1):
            address = f"{self.url}/notifications/api/v1/kannel/{secret}/inbound"
            taken = self.session.get(address, params=query, timeout=8)
            if taken.status_code == 200:
                answered.add(str(message.reference))


def main() -> None:
    folder = Path(sys.argv[1])
    layout = json.loads((folder / "machine.json").read_text())
    actors = Actors(
        url=f"http://127.0.0.1:{layout['web']}",
        secrets=credentials.read(folder / "data" / "secrets.env"),
        gateway_log=folder / "gateway.jsonl",
        chance=random.Random(f"actors:{sys.argv[2]}"),
    )
    actors.session.trust_env = False
    signal.signal(signal.SIGTERM, lambda *_: actors.ending.set())
    actors.run()


if __name__ == "__main__":
    main()
