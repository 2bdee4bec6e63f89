"""What a process knows of the rules of consent: soon what was told last, at hardly any cost, and never nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, event

from services.intake.domain.consent_rules import Rule, Schedule
from services.intake.operations.consent_rules import EVERY, ConsentRules
from shared.events.referral import ConsentPolicyScheduled

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def told(seq, child, *, pathway="community"):
    rule = {
        "countries": ["CO"],
        "ages": [30, 30],
        "child": child,
        "caregiver": "none",
        "if_absent": "own_consent",
    }
    return ConsentPolicyScheduled(seq=seq, pathway=pathway, periods=[{"begins": None, "rules": [rule]}])


class Time:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def rules(clean_stack, time):
    return ConsentRules(clean_stack.engine("intake"), passed=time)


def asked(rules):
    """What is asked of an adult of thirty."""
    return rules.schedule().rule(country="CO", age=30, at=NOW).child


def test_until_something_was_told_the_packaged_rules_count(rules):
    assert rules.schedule() == Schedule()
    assert rules.schedule().rule(country="CO", age=30, at=NOW) == Rule("consent", "none", "own_consent")


def test_what_was_told_counts_within_seconds_in_every_process(intake, rules, time):
    other = ConsentRules(intake.stack.engine("intake"), passed=time)
    assert asked(rules) == asked(other) == "consent"
    intake.hears(told(1, "none"))
    time.now += EVERY - 0.1
    assert asked(rules) == asked(other) == "consent"
    time.now += 0.1
    assert asked(rules) == asked(other) == "none"
    intake.hears(told(2, "oral_assent"))
    time.now += EVERY
    assert asked(rules) == "oral_assent"


def test_of_several_that_wait_the_last_counts(intake, rules):
    intake.hears(told(1, "none"), told(2, "oral_assent"), told(3, "written_assent"))
    assert asked(rules) == "written_assent"


def test_the_rules_of_another_pathway_are_not_ours(intake, rules):
    intake.hears(told(1, "none", pathway="other"))
    assert asked(rules) == "consent"


def test_an_assessment_asks_nothing_of_the_database_but_now_and_then(intake, time):
    rules = ConsentRules(intake.stack.engine("intake"), passed=time)
    statements = []
    event.listen(
        intake.stack.engine("intake"), "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    for _ in range(1_000):
        rules.schedule()
    assert len([one for one in statements if "consent_policy" in one]) == 1


def test_while_the_database_is_away_what_was_known_goes_on_counting(intake, rules, time, monkeypatch):
    intake.hears(told(1, "none"))
    assert asked(rules) == "none"
    monkeypatch.setattr(rules, "_engine", create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none"))
    time.now += EVERY
    assert asked(rules) == "none"
