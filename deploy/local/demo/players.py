"""Those who answer in the demo: providers take their steps, persons reply to messages, focal points make calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from deploy.local.demo.api import Api, Caller, Refused

REPLIES = {"S3": "1", "S4": "1", "S5": "1", "S6": "1"}
"""By template: yes, I can talk; yes, I could do it; yes; good."""
OUTCOME = "NEED_MET"
DECLINED_FOR = "NO_CAPACITY"


@dataclass
class Providers:
    """Every organization's person on duty. Each call of `act` takes at most one step per referral.

    The first referral that another organization could take as well is declined, to show what happens then.
    """

    api: Api
    people: Mapping[str, str]
    declined: int = 0

    def act(self, referrals: Iterable[Mapping[str, Any]]) -> int:
        """Take the next step of every referral whose turn it is. Returns how many were taken."""
        return sum(self._step(one) for one in referrals)

    def make_calls(self) -> int:
        """Every organization makes the calls that the rules leave to it. Returns how many."""
        return sum(self._call(organization, account) for organization, account in self.people.items())

    def _call(self, organization: str, account: str) -> int:
        at_work = self.api.caller("provider", organization_id=organization, account_id=account)
        path = "/notifications/api/v1/calls"
        due = [call["id"] for call in at_work.pages(path)]
        return sum(_allowed(partial(at_work.post, f"{path}/{one}/close", {"result": "done"})) for one in due)

    def _step(self, referral: Mapping[str, Any]) -> bool:
        organization = referral["organization_id"]
        at_work = self.api.caller(
            "provider", organization_id=organization, account_id=self.people.get(organization)
        )
        version = {"version": referral["version"]}
        steps: dict[str, tuple[str, dict[str, Any]]] = {
            "requested": ("accept", version),
            "received": ("accept", version),
            "accepted": ("start", version),
            "in_progress": ("complete", {**version, "outcome": OUTCOME}),
        }
        if referral["status"] not in steps:
            return False
        name, body = steps[referral["status"]]
        if name == "accept" and not self.declined and self._has_another(referral):
            name, body = "reject", {**version, "reason": DECLINED_FOR}
            self.declined += 1
        return _allowed(lambda: at_work.post(f"/referral/api/v1/referrals/{referral['id']}/{name}", body))

    def _has_another(self, referral: Mapping[str, Any]) -> bool:
        if referral["sensitivity"] == "S3" or referral["priority"] < 2:
            return False
        home = self.api.caller("focal_point", organization_id=referral["referring_organization_id"])
        receipt = home.get(f"/referral/api/v1/referrals/{referral['id']}/receipt?reader=auditor")["receipt"]
        return bool(receipt and receipt["eligible"] > 1)


@dataclass
class Persons:
    """The persons of the sample cases, with their phones on the sandbox page."""

    operator: Caller
    answered: set[str] = field(default_factory=set)

    def reply(self, home: Caller, case: Mapping[str, Any]) -> int:
        """Answer every question that reached a phone and is not answered. Returns how many."""
        asked = [
            one for one in case["messages"] if one["audience"] == "person" and one["template_id"] in REPLIES
        ]
        return sum(self._answer(home, one) for one in asked if one["status"] in {"sent", "delivered"})

    def _answer(self, home: Caller, message: Mapping[str, Any]) -> bool:
        notification = message["notification_id"]
        if notification in self.answered:
            return False
        attempts = home.get(f"/notifications/api/v1/notifications/{notification}/deliveries")["items"]
        text = {"text": REPLIES[message["template_id"]]}
        self.answered.add(notification)
        return _allowed(
            lambda: self.operator.post(
                f"/notifications/api/v1/sandbox/messages/{attempts[-1]['id']}/reply", text
            )
        )


def make_calls(home: Caller, case: Mapping[str, Any]) -> int:
    """The focal point makes every call that is asked for. Returns how many."""
    due = [call["call_id"] for call in case["calls"] if call["done_at"] is None]
    path = f"/intake/api/v1/assessments/{case['id']}/calls"
    return sum(_allowed(partial(home.post, f"{path}/{call}/done")) for call in due)


def _allowed(step: Callable[[], Any]) -> bool:
    """Take a step; a conflict means that somebody was faster, which the next look shows."""
    try:
        step()
    except Refused as refused:
        if refused.status != 409:
            raise
        return False
    return True
