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
    found = [
        line
        for need in case["needs"]
        for line in _need(sample, need, [one for one in referrals if one["need_id"] == need["id"]])
    ]
    return [*found, *_messages(sample, case)]


def _need(sample: Sample, need: Mapping[str, Any], referrals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    code = need["code"]
    want = sample.needs[code]
    notices = set(want.get("notices", ()))
    level = min((one["priority"] for one in referrals), default=None)
    if level is not None and f"P{level}" != want["priority"]:
        yield f"{code}: P{level}, not {want['priority']}"
    done = {one["service_type"] for one in referrals if one["status"] == "completed"}
    unmet = set(want["services"]) - done
    gaps = need["gaps"]
    if unmet and (sample.ends != "gap" or len(gaps) < len(unmet)):
        yield f"{code}: {', '.join(sorted(unmet))} not completed"
    extra = {one["service_type"] for one in referrals} - set(want["services"]) - notices
    if extra:
        yield f"{code}: {', '.join(sorted(extra))} not expected"
    waiting = {one["service_type"] for one in referrals if one["status"] == "draft"}
    if notices - waiting:
        yield f"{code}: no notice to {', '.join(sorted(notices - waiting))} waits"


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
