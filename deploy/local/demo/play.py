"""One run of the demo: send the samples, let everybody answer, watch until every case has reached its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.local.demo.api import Api, Caller, Refused
from deploy.local.demo.journeys import Journey, Tell
from deploy.local.demo.players import Persons, Providers, make_calls
from deploy.local.demo.verdict import missing
from deploy.local.seed import Sample

PATIENCE = 60.0  # seconds without any news, after which what is missing is named
PAUSE = 0.2


@dataclass
class Play:
    """The cast and the cases. `accounts` are the sample sign-ins."""

    api: Api
    samples: Sequence[Sample]
    accounts: Sequence[Mapping[str, Any]]
    tell: Tell
    organizations: Mapping[str, str] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._coordinator = self.api.caller("coordinator")
        people = {one["organization_id"]: one["id"] for one in self.accounts if one["role"] == "provider"}
        self._providers = Providers(self.api, people)
        self._persons = Persons(self._coordinator)

    def run(self, should_stop: Callable[[], bool]) -> dict[str, list[str]]:
        """Play until every case has ended, or nothing has happened for long. Returns what is missing, by case."""
        listed = self._coordinator.pages("/referral/api/v1/organizations")
        self.organizations = {one["id"]: one["name"] for one in listed}
        left = {sample.name: ["not sent"] for sample in self.samples}
        for sample in self.samples:
            if should_stop():
                return left
            self._send(sample)
        last_news = time.monotonic()
        going = list(self.samples)
        while going and not should_stop() and time.monotonic() - last_news < PATIENCE:
            if self._round(going, left):
                last_news = time.monotonic()
            going = [sample for sample in self.samples if left[sample.name]]
            time.sleep(PAUSE)
        self._round(self.samples, left)
        return {name: lines for name, lines in left.items() if lines}

    def _home(self, sample: Sample) -> Caller:
        """The focal point of the sample's country."""
        ending = sample.document["place"]["country"].lower()
        account = next(
            one
            for one in self.accounts
            if one["role"] == "focal_point" and one["username"].endswith(f"-{ending}")
        )
        return self.api.caller(
            "focal_point", organization_id=account["organization_id"], account_id=account["id"]
        )

    def _send(self, sample: Sample) -> None:
        """Send the assessment, unless an earlier run did."""
        home, case_id = self._home(sample), sample.document["id"]
        try:
            case = home.get(f"/intake/api/v1/assessments/{case_id}")
        except Refused as refused:
            if refused.status != 404:
                raise
            case = home.post("/intake/api/v1/assessments", sample.document)
        self.journeys[sample.name] = Journey(case_id, case["code"])

    def _round(self, samples: Sequence[Sample], left: dict[str, list[str]]) -> bool:
        """Look at the cases, note in `left` what is missing in each, and let everybody do what is theirs to do now.
        Returns whether anything has happened."""
        referrals = self._referrals()
        news = False
        for sample in samples:
            home, journey = self._home(sample), self.journeys[sample.name]
            case = home.get(f"/intake/api/v1/assessments/{journey.case_id}")
            journey.look(case, self.organizations, self.tell)
            own = referrals.get(journey.case_id, ())
            lines = missing(sample, case, own)
            acted = self._persons.reply(home, case) + make_calls(home, case) + self._providers.act(own)
            news = news or bool(acted) or lines != left[sample.name]
            left[sample.name] = lines
        return bool(self._providers.make_calls()) or news

    def _referrals(self) -> dict[str, list[Mapping[str, Any]]]:
        """Every referral of the focal points' organizations, by case."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for account in self.accounts:
            if account["role"] == "focal_point":
                home = self.api.caller(
                    "focal_point", organization_id=account["organization_id"], account_id=account["id"]
                )
                for one in home.pages("/referral/api/v1/referrals"):
                    found.setdefault(one["assessment_id"], []).append(one)
        return found
