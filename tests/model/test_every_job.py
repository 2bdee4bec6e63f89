"""Every job of every worker, killed at every place that it reaches: a new job without one is found here."""

from datetime import timedelta

import pytest

from services.referral.operations.directory import import_hsds
from services.referral.store import versions
from shared import failpoints
from shared.bus import maintenance
from shared.clock import utc_now
from shared.failpoints import CATALOGUE
from tests.chaos import cases
from tests.chaos.checker import judge
from tests.chaos.evidence import Evidence, ask_tables
from tests.chaos.ledger import Entry
from tests.integration.referral.drafting import approved_before
from tests.model.pipeline import Pipeline

SENDER = cases.stable_id("sender", 0, 0)
ASKED = """
    SELECT id::text, organization_id::text, version FROM referral.referral
    WHERE status IN ('requested', 'received') ORDER BY id
"""
TOLD = ("referral.drain", "notifications.drain")
SENT = (*TOLD, "notifications.send")


@pytest.fixture(scope="module")
def pipeline(stack):
    return Pipeline(stack)


def needs_of(document):
    return [need["code"] for need in document["needs"]]


def work(*jobs):
    def prepare(pipeline):
        for job in jobs:
            pipeline.run(job)

    return prepare


def a_late_clock(pipeline):
    work("referral.drain")(pipeline)
    pipeline.pass_time(timedelta(days=2))


def a_gap_that_somebody_may_fill(pipeline):
    pipeline.execute("TRUNCATE referral.service CASCADE")
    work("referral.drain")(pipeline)
    with pipeline.stack.engine("referral").begin() as conn:
        import_hsds(conn, cases.directory(), now=utc_now())


def a_report(pipeline):
    work(*SENT)(pipeline)
    pipeline.gateway_calls(f"reports/{pipeline.phones.accepted[0].reference}", code="1")


def an_attempt_without_an_end(pipeline):
    work(*TOLD)(pipeline)
    assert pipeline.run("notifications.send", die_at="send.after_gateway")
    pipeline.pass_time(timedelta(minutes=5))


def an_answer(pipeline):
    work(*SENT)(pipeline)
    message = pipeline.phones.accepted[0]
    pipeline.gateway_calls("inbound", **{"from": message.to, "text": "1", "id": "1"})


def an_old_answer(pipeline):
    an_answer(pipeline)
    work("notifications.answer")(pipeline)
    pipeline.execute("UPDATE notifications.inbound SET received_at = now() - interval '100 days'")


def a_follow_up(pipeline):
    work(*SENT)(pipeline)
    ((referral, organization, version), *_) = pipeline.ask(ASKED)
    path = f"/referral/api/v1/referrals/{referral}/accept"
    answer = pipeline.post(path, {"version": version}, role="provider", organization_id=organization)
    assert answer.status_code == 200, answer.text
    work("notifications.drain")(pipeline)
    pipeline.pass_time(timedelta(days=40))


def rules_that_nobody_was_told_of(pipeline):
    with pipeline.stack.engine("referral").begin() as conn:
        versions.add(conn, approved_before(utc_now()))


BEFORE = {
    "intake.drain": work("referral.drain"),
    "intake.purge": work("referral.drain", "intake.drain"),
    "referral.drain": work(),
    "referral.drain_urgent": work(),
    "referral.run_due_clocks": a_late_clock,
    "referral.look_at_gaps_again": a_gap_that_somebody_may_fill,
    "referral.watch_rules": work(),
    "referral.tell_consent_policy": rules_that_nobody_was_told_of,
    "referral.purge": work("referral.drain"),
    "notifications.drain": work("referral.drain"),
    "notifications.drain_urgent": work("referral.drain_urgent"),
    "notifications.send": work(*TOLD),
    "notifications.send_urgent": work("referral.drain_urgent", "notifications.drain_urgent"),
    "notifications.settle": a_report,
    "notifications.abandoned": an_attempt_without_an_end,
    "notifications.answer": an_answer,
    "notifications.follow_up": a_follow_up,
    "notifications.forget": an_old_answer,
}
"""What brings each job something to do, after a case was sent."""
REACHED_BY = {
    "abandoned.before_commit": "notifications.abandoned",
    "gaps.before_commit": "referral.look_at_gaps_again",
    "rules.before_commit": "referral.watch_rules",
    "purge.before_commit": "referral.purge",
}
"""Places that are killed here alone; all others also in a process of their own (tests/chaos/test_crash_points.py)."""
AN_EMERGENCY = next(one for one in range(1, 100) if cases.URGENT in needs_of(cases.assessment(23, one)))
PURGES = {"intake.purge", "referral.purge"}


class Reached(dict):
    """The catalogue, noting which of its places somebody asks for."""

    def __init__(self):
        super().__init__(CATALOGUE)
        self.names = []

    def __contains__(self, name):
        self.names.append(name)
        return super().__contains__(name)


def begin(pipeline, job):
    """A case that was sent, and something for `job` to do. Returns what the client was promised."""
    pipeline.begin()
    document = cases.assessment(23, AN_EMERGENCY if job.endswith("_urgent") else 1)
    path = "/intake/api/v1/assessments"
    assert pipeline.post(path, document, role="focal_point", organization_id=SENDER).status_code == 201
    BEFORE[job](pipeline)
    assert pipeline.jobs[job].oldest_due() is not None, "nothing to do"
    return Entry(document["id"], SENDER, tuple(need["id"] for need in document["needs"]), 0.0)


def test_every_job_is_tried(pipeline):
    assert set(pipeline.jobs) == set(BEFORE)


@pytest.mark.parametrize("job", sorted(BEFORE))
def test_killed_at_any_place_that_it_reaches_it_ends_its_work_later(job, pipeline, monkeypatch):
    if job in PURGES:
        monkeypatch.setattr(maintenance, "utc_now", lambda: utc_now() + timedelta(days=40))
    begin(pipeline, job)
    reached = Reached()
    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "CATALOGUE", reached)
        pipeline.run(job)
    assert [name for name in reached.names if name.endswith(".before_commit")] != []
    assert {place for place, name in REACHED_BY.items() if name == job} <= set(reached.names)
    for place in sorted(set(reached.names)):
        entry = begin(pipeline, job)
        assert pipeline.run(job, die_at=place), place
        if job in PURGES:
            assert pipeline.jobs[job].run(lambda: False) > 0
            continue
        pipeline.pass_time(timedelta(minutes=20))
        pipeline.run_all()
        found = Evidence(ledger=[entry], accepted=list(pipeline.phones.accepted))
        with pipeline.admin() as conn:
            verdict = judge(ask_tables(conn, found))
        assert (verdict.lost, verdict.doubled) == ([], []), place
