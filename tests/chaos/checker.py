"""Ledger against tables against the gateway's log: what was lost, what was done twice, what is stuck, what leaked."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.chaos.evidence import Evidence

SENT = {"sending", "sent", "delivered", "failed", "unknown"}
"""What a notification may be once the gateway has taken it. Anything else may be sent once more."""


@dataclass
class Verdict:
    """Sentences, one per finding. All empty is what we promise."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    repeated_to_staff: int = 0
    """Staff may get a message again when nobody knows whether the first arrived; counted, not a failure."""

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.stuck or self.leaked)


def judge(found: Evidence) -> Verdict:
    """The verdict on a run that has come to rest."""
    verdict = Verdict(
        doubled=[*found.doubled_places, *found.doubled_outcomes],
        stuck=list(found.stuck_messages),
        leaked=list(found.leaks),
    )
    _promises_kept(found, verdict)
    _referrals_followed(found, verdict)
    _messages(found, verdict)
    _bus_empty(found, verdict)
    return verdict


def _promises_kept(found: Evidence, verdict: Verdict) -> None:
    """Every acknowledged assessment is stored, published, and each of its needs has a place."""
    for entry in found.ledger:
        if entry.id not in found.assessments:
            verdict.lost.append(f"assessment {entry.id}: acknowledged, not stored")
        elif entry.id not in found.submitted:
            verdict.lost.append(f"assessment {entry.id}: stored, not on the bus")
        verdict.lost.extend(
            f"assessment {entry.id}: need {need} has neither referral nor gap"
            for need in entry.needs
            if not found.placed.get(need)
        )
    for identifier, count in Counter(entry.id for entry in found.ledger).items():
        if count > 1:
            verdict.doubled.append(f"assessment {identifier}: acknowledged as new {count} times")


def _referrals_followed(found: Evidence, verdict: Verdict) -> None:
    """Each change of a referral is in its history and on the bus, and both listeners have acted on the last."""
    for referral, (version, steps, last) in found.versions.items():
        if steps != version:
            verdict.lost.append(f"referral {referral}: version {version}, {steps} steps in its history")
        if last != version:
            verdict.lost.append(f"referral {referral}: version {version}, last event {last}")
        if last and found.followed.get(referral) != last:
            verdict.lost.append(
                f"referral {referral}: intake knows event {found.followed.get(referral)} of {last}"
            )
    verdict.lost.extend(f"referral {one}: asked for, nobody told" for one in sorted(found.asked - found.told))


def _messages(found: Evidence, verdict: Verdict) -> None:
    """No phone of a person twice; nothing sent that is not on record, or that will be sent again."""
    taken: dict[str, list[str]] = defaultdict(list)
    for message in found.accepted:
        known = found.deliveries.get(message.reference or "")
        if known is None:
            verdict.lost.append(f"message {message.reference}: at the gateway, no attempt on record")
            continue
        taken[known[0]].append(message.reference or "")
    audiences = {
        notification: (audience, status) for notification, audience, status in found.deliveries.values()
    }
    for notification, references in taken.items():
        audience, status = audiences[notification]
        if audience == "person" and status not in SENT:
            verdict.doubled.append(f"notification {notification}: at the gateway, yet {status}")
        if len(references) == 1:
            continue
        if audience == "person" or len(set(references)) < len(references):
            verdict.doubled.append(
                f"notification {notification}: {len(references)} messages to the {audience}"
            )
        else:
            verdict.repeated_to_staff += len(references) - 1


def _bus_empty(found: Evidence, verdict: Verdict) -> None:
    for subscriber, count in found.waiting.items():
        verdict.stuck.append(f"{subscriber}: {count} events not acted on")
    for subscriber, count in found.dead.items():
        verdict.stuck.append(f"{subscriber}: {count} dead letters")
    if found.deaf:
        verdict.stuck.append("a worker waits for no doorbell")
