"""A model of the whole pipeline: any order of submissions, deaths, replays, answers and silences keeps the promises.

RUTA_MODEL_EXAMPLES (default 8) says how many stories are tried; each has up to 25 steps.
"""

import os
import random
from datetime import timedelta
from typing import ClassVar

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from shared.failpoints import CATALOGUE
from shared.ids import new_id
from tests.chaos import cases, leaks
from tests.chaos.brokers import values_of
from tests.chaos.checker import judge
from tests.chaos.evidence import Evidence, ask_tables
from tests.chaos.ledger import Entry
from tests.model.pipeline import Pipeline

SENDER = cases.stable_id("sender", 0, 0)
JOBS = (
    "intake.drain",
    "referral.drain",
    "referral.drain_urgent",
    "referral.run_due_clocks",
    "referral.look_at_gaps_again",
    "referral.watch_rules",
    "referral.tell_consent_policy",
    "notifications.drain",
    "notifications.drain_urgent",
    "notifications.send",
    "notifications.send_urgent",
    "notifications.settle",
    "notifications.abandoned",
    "notifications.answer",
    "notifications.follow_up",
    "notifications.forget",
)
"""All but the purges, which take away what the checker looks for."""
STEPS = {
    "acknowledge": {},
    "accept": {},
    "reject": {"reason": "NO_CAPACITY"},
    "start": {},
    "complete": {"outcome": "NEED_MET"},
}
ASKED = """
    SELECT id::text, organization_id::text, version FROM referral.referral r
    WHERE EXISTS (SELECT FROM bus.event e WHERE e.subject = 'referral/' || r.id AND e.type = 'referral.requested.v1')
    ORDER BY id
"""
"""A draft has not been shown to its provider."""
EXAMPLES = int(os.environ.get("RUTA_MODEL_EXAMPLES", "8"))


class Story(RuleBasedStateMachine):
    """What may happen to cases, in any order."""

    pipeline: ClassVar[Pipeline]

    assessments = Bundle("assessments")

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed):
        self.pipeline.begin()
        self.chance = random.Random(seed)
        self.number = seed * 1000
        self.ledger = []
        self.withdrawn = set()

    # people send

    @rule(target=assessments)
    def submit(self):
        document = cases.assessment(1, self.number)
        self.number += 1
        answer = self.send(document)
        assert answer.status_code == 201, answer.text
        self.ledger.append(
            Entry(document["id"], SENDER, tuple(need["id"] for need in document["needs"]), 0.0)
        )
        return document

    @rule(document=assessments)
    def submit_again(self, document):
        assert self.send(document).status_code == 200

    @rule(document=assessments)
    def submit_something_else_under_the_same_id(self, document):
        changed = {**document, "household": {"size": 9}}
        assert self.send(changed).status_code == 409

    def send(self, document):
        return self.pipeline.post(
            "/intake/api/v1/assessments", document, role="focal_point", organization_id=SENDER
        )

    @rule(document=assessments, scope=st.sampled_from(["share", "contact", "all"]))
    def withdraw_consent(self, document, scope):
        path = f"/intake/api/v1/assessments/{document['id']}/withdraw-consent"
        answer = self.pipeline.post(path, {"scope": scope}, role="focal_point", organization_id=SENDER)
        assert answer.status_code == 200, answer.text
        if scope != "contact":
            self.withdrawn.add(document["id"])

    # workers work, and die

    @rule(job=st.sampled_from(JOBS))
    def work(self, job):
        self.pipeline.run(job)

    @rule()
    def work_on_everything_once(self):
        for job in JOBS:
            self.pipeline.run(job)

    @rule(job=st.sampled_from(JOBS), point=st.sampled_from(sorted(CATALOGUE)))
    def die_at_work(self, job, point):
        self.pipeline.run(job, die_at=point)

    @rule(document=assessments)
    def the_bus_is_replayed(self, document):
        """Events that were acted on come once more, as after a restore."""
        self.pipeline.execute(
            "UPDATE bus.inbox SET state = 'due', due_at = now(), reason = 'replayed'"
            " WHERE state = 'done' AND event_id IN (SELECT id FROM bus.event ORDER BY md5(id::text || %s) LIMIT 5)",
            document["id"],
        )

    @rule()
    def later_events_become_due_before_earlier_ones(self):
        self.pipeline.execute(
            "UPDATE bus.inbox SET priority = 3 - priority, due_at = now() - seq * interval '1 second'"
            " WHERE state = 'due'"
        )

    @rule(hours=st.sampled_from([0.05, 1, 30, 24 * 8]))
    def time_passes(self, hours):
        self.pipeline.pass_time(timedelta(hours=hours))

    @rule(mood=st.sampled_from(["accept", "refuse", "away", "lose"]))
    def the_gateway_changes_its_mood(self, mood):
        self.pipeline.phones.mood = mood

    # providers and persons answer

    @rule(step=st.sampled_from(sorted(STEPS)), twice=st.booleans(), late=st.booleans())
    def a_provider_answers(self, step, twice, late):
        found = self.pipeline.ask(ASKED)
        if not found:
            return
        referral, organization, version = self.chance.choice(found)
        body = {"version": max(1, version - late), **STEPS[step]}
        key = {"Idempotency-Key": new_id()}
        answers = [
            self.pipeline.post(
                f"/referral/api/v1/referrals/{referral}/{step}",
                body,
                role="provider",
                organization_id=organization,
                **key,
            )
            for _ in range(1 + twice)
        ]
        # 404: withdrawn before its provider had seen it
        assert all(answer.status_code in {200, 404, 409} for answer in answers), answers[0].text
        assert len({answer.status_code for answer in answers}) == 1

    @rule(said=st.sampled_from(["1", "2", "NO", "sí", "otra persona", "ALTO"]), twice=st.booleans())
    def a_person_replies(self, said, twice):
        if not self.pipeline.phones.accepted:
            return
        message = self.chance.choice(self.pipeline.phones.accepted)
        external = new_id()
        for _ in range(1 + twice):
            answer = self.pipeline.gateway_calls(
                "inbound", **{"from": message.to, "text": said, "id": external}
            )
            assert answer.status_code == 200, answer.text

    @rule(code=st.sampled_from(["1", "2", "8", "16"]), twice=st.booleans())
    def the_gateway_reports(self, code, twice):
        if not self.pipeline.phones.accepted:
            return
        message = self.chance.choice(self.pipeline.phones.accepted)
        for _ in range(1 + twice):
            assert self.pipeline.gateway_calls(f"reports/{message.reference}", code=code).status_code == 200

    # promises

    @invariant()
    def nothing_is_doubled(self):
        if hasattr(self, "ledger"):
            assert judge(self.evidence()).doubled == []

    @invariant()
    def facts_of_a_subject_act_in_order(self):
        overtaken = """
            SELECT count(*) FROM bus.inbox later JOIN bus.inbox earlier
              ON earlier.subscriber = later.subscriber AND earlier.subject = later.subject AND earlier.seq < later.seq
            WHERE later.state = 'done' AND earlier.state = 'done' AND later.done_at < earlier.done_at
              AND 'replayed' NOT IN (coalesce(later.reason, ''), coalesce(earlier.reason, ''))
        """
        if hasattr(self, "ledger"):
            assert self.pipeline.ask(overtaken) == [(0,)]

    def evidence(self):
        found = Evidence(ledger=self.ledger, accepted=list(self.pipeline.phones.accepted))
        with self.pipeline.admin() as conn:
            return ask_tables(conn, found)

    def teardown(self):
        """However it went, once everybody works again everything is where it belongs."""
        if not hasattr(self, "ledger"):
            return
        self.pipeline.phones.mood = "accept"
        self.pipeline.pass_time(timedelta(minutes=20))
        self.pipeline.run_all()
        found = self.evidence()
        found.ledger = [entry for entry in self.ledger if entry.id not in self.withdrawn]
        verdict = judge(found)
        assert (verdict.lost, verdict.doubled) == ([], [])
        assert {entry.id for entry in self.ledger} <= found.assessments
        with self.pipeline.admin() as conn, redis.Redis.from_url(self.pipeline.stack.broker_url) as broker:
            assert [*leaks.in_tables(conn), *leaks.in_broker(values_of(broker))] == []


def test_the_story_knows_every_job(stack):
    assert {name for name in Pipeline(stack).jobs if not name.endswith(".purge")} == set(JOBS)


@pytest.mark.timeout(600)
def test_whatever_happens_nothing_is_lost_nothing_is_doubled_and_nothing_leaks(stack, capsys):
    run_state_machine_as_test(
        type("Told", (Story,), {"pipeline": Pipeline(stack)}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            derandomize="RUTA_MODEL_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a story is readable as it is; making it shorter takes minutes
        ),
    )
    said = capsys.readouterr()
    assert not leaks.PERSONAL.search(said.out + said.err)
