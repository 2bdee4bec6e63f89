"""The million cases of the benchmark are cases: what belongs together does, what is old is closed, nothing is due."""

import pytest

from tests.bench.filling import BUS_DAYS, OPEN_DAYS, fill
from tests.bench.sending import PATH
from tests.chaos import cases
from tests.model.pipeline import Pipeline

GENUINE, STORED, DAYS = 3, 120, 80
SENDER = cases.stable_id("sender", 0, 0)
TOGETHER = (
    ("intake.assessment.person_id", "intake.person.id"),
    ("intake.need.assessment_id", "intake.assessment.id"),
    ("intake.need_referral.need_id", "intake.need.id"),
    ("intake.need_referral.referral_id", "referral.referral.id"),
    ("referral.person_case.assessment_id", "intake.assessment.id"),
    ("referral.referral.assessment_id", "referral.person_case.assessment_id"),
    ("referral.step.referral_id", "referral.referral.id"),
    ("referral.receipt.id", "referral.referral.id"),
    ("notifications.notification.assessment_id", "intake.assessment.id"),
    ("notifications.delivery.notification_id", "notifications.notification.id"),
    ("bus.inbox.event_id", "bus.event.id"),
)


@pytest.fixture(scope="module")
def filled(stack):
    pipeline = Pipeline(stack)
    pipeline.begin()
    for number in range(GENUINE):
        document = {**cases.assessment(0, number), "needs": [need(number)]}
        answer = pipeline.post(PATH, document, role="focal_point", organization_id=SENDER)
        assert answer.status_code == 201, answer.text
    pipeline.run_all()
    fill(pipeline.admin, STORED, days=DAYS)
    yield pipeline
    stack.clean()


def need(number):
    return {"id": cases.stable_id("need", 1, number), "code": "EDU.OOS", "refer": True, "facts": {}}


def test_there_are_as_many_as_were_asked_for(filled):
    assert filled.ask("SELECT count(*), count(DISTINCT person_id) FROM intake.assessment") == [
        (STORED, STORED)
    ]


@pytest.mark.parametrize(("child", "parent"), TOGETHER)
def test_what_belongs_together_still_does(filled, child, parent):
    (table, column), (other, key) = (name.rsplit(".", 1) for name in (child, parent))
    found = filled.ask(
        f"""SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM {other} p WHERE p.{key} = c.{column}))
            FROM {table} c WHERE {column} IS NOT NULL""",
    )
    assert found[0][0] > GENUINE
    assert found[0][1] == 0


def test_what_is_old_is_closed_and_what_is_young_is_under_way(filled):
    counted = dict(
        filled.ask(
            f"""SELECT created_at > now() - interval '{OPEN_DAYS} days', array_agg(DISTINCT status)
                FROM referral.referral GROUP BY 1""",
        )
    )
    assert counted[False] == ["completed"]
    assert "completed" not in counted[True]
    assert filled.ask("SELECT count(*) FROM referral.clock c WHERE due_at < now()") == [(0,)]


def test_nothing_waits_that_the_workers_would_now_do(filled):
    assert filled.ask("SELECT count(*) FROM bus.inbox WHERE state = 'due'") == [(0,)]
    later = (
        "SELECT count(*) FROM notifications.follow_up WHERE state IN ('planned', 'asked') AND due_at < now()"
    )
    assert filled.ask(later) == [(0,)]


def test_the_bus_keeps_what_its_maintenance_keeps(filled):
    oldest = filled.ask("SELECT extract(epoch FROM now() - min(time)) / 86400 FROM bus.event")[0][0]
    assert OPEN_DAYS < oldest <= BUS_DAYS + 1
