"""Whether a sample case has reached the end that its author expects, and what is missing otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.local.seed import Sample

UNDECIDED = {"queued", "sending"}


def missing(sample: Sample, case: Mapping[str, Any], referrals: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is missing, in a few words each; empty when the case has ended as expected.

    `case` is the focal point's view of it, `referrals` are those made for it.
    """
    return [
        *_priorities(sample, case, referrals),
        *_services(sample, case, referrals),
        *_notices(sample, referrals),
        *_messages(sample, case),
    ]


def _priorities(
    sample: Sample, case: Mapping[str, Any], referrals: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for need in case["needs"]:
        level = min((one["priority"] for one in referrals if one["need_id"] == need["id"]), default=None)
        wanted = sample.needs[need["code"]]["priority"]
        if level is not None and f"P{level}" != wanted:
            yield f"{need['code']}: P{level}, not {wanted}"


def _services(
    sample: Sample, case: Mapping[str, Any], referrals: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Help that two needs ask for is asked for once: the whole case counts."""
    wanted = {kind for want in sample.needs.values() for kind in want["services"]}
    notices = {kind for want in sample.needs.values() for kind in want.get("notices", ())}
    unmet = wanted - {one["service_type"] for one in referrals if one["status"] == "completed"}
    gaps = sum(len(need["gaps"]) for need in case["needs"])
    if unmet and (sample.ends != "gap" or gaps < len(unmet)):
        yield f"{', '.join(sorted(unmet))} not completed"
    extra = {one["service_type"] for one in referrals} - wanted - notices
    if extra:
        yield f"{', '.join(sorted(extra))} not expected"


def _notices(sample: Sample, referrals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    wanted = {kind for want in sample.needs.values() for kind in want.get("notices", ())}
    missed = wanted - {one["service_type"] for one in referrals if one["status"] == "draft"}
    if missed:
        yield f"no notice to {', '.join(sorted(missed))} waits"


def _messages(sample: Sample, case: Mapping[str, Any]) -> Iterator[str]:
    to_person = [one["status"] for one in case["messages"] if one["audience"] == "person"]
    if not to_person or UNDECIDED & set(to_person):
        yield "nothing was decided yet about a message to the person"
    elif sample.ends == "held" and not {"held", "delivered"} & set(
        to_person
    ):  # delivered: the safe hour is now
        yield "no message waits for a safe hour"
    if sample.ends == "gap" and not any(need["gaps"] for need in case["needs"]):
        yield "no gap is recorded"
