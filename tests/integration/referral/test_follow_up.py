"""A referral is followed by what the rules in force say, from the table to the calls and questions that are planned."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.notifications.operations import following
from services.notifications.subscriptions import make_handlers
from services.referral.domain.pathway_tables import Pathway
from services.referral.operations import follow_up
from shared import bus
from shared.bus import Inbox
from tests.integration.referral.callers import Caller, make_app
from tests.integration.referral.drafting import EVERYTHING, a_draft, changed, published, upload
from tests.integration.referral.world import FOCAL, a_service, an_assessment, an_id

KEPT = ("notifications.follow_up", "notifications.notification", "notifications.call", "bus.event")
TOLD = {"accept": "referral.accepted.v1", "complete": "referral.completed.v1"}


class Followed:
    """A referral that was made for one need, and what is planned about it."""

    def __init__(self, world, service_type, need, *, priority=None, capabilities=(), **changes):
        self.world = world
        world.directory(a_service("Ayuda", service_type, capabilities=capabilities))
        self.referral = self.routed(need, service_type, **changes)
        assert priority in (None, self.referral.priority)

    def routed(self, need, service_type, **changes):
        case = an_assessment(need, **changes)
        self.world.route(case)
        return next(one for one in self.world.referrals(case) if one.service_type == service_type)

    def step(self, action, **answer):
        self.referral = self.world.step(self.referral, action, **answer)
        return self.told(TOLD[action])[-1] if action in TOLD else None

    def told(self, kind):
        facts = self.world.facts()
        return [data for one, data in facts if one == kind and data["referral_id"] == self.referral.id]

    def planned(self):
        """What the notifications service plans once it has heard of it, by due time."""
        engine = self.world.stack.engine("notifications")
        bus.drain(Inbox(engine, "notifications", make_handlers(timedelta(days=1))))
        with engine.connect() as conn:
            found = conn.execute(text("SELECT * FROM notifications.follow_up ORDER BY due_at"))
            return [dict(row) for row in found.mappings()]

    def hours(self):
        return [(one["due_at"] - self.world.now) / timedelta(hours=1) for one in self.planned()]


def test_an_emergency_gets_its_calls_after_two_hours_and_a_day(world):
    case = Followed(world, "HE_EMERG", "HEA.EMERG", priority=0)
    case.step("accept")
    planned = case.planned()
    assert [one["mode"] for one in planned[:2]] == ["call", "call"]
    assert case.hours()[:2] == [2, 24]


def test_a_child_at_high_risk_is_called_twice_a_week_in_the_first_month(world):
    need = ("CP.ABUSE", {"perpetrator_access": "no", "danger_now": "no", "medical_emergency": "no"})
    case = Followed(world, "CP_CM", need, age_band="5-11", capabilities=["cp_specialist"], priority=1)
    case.step("accept")
    assert {one["mode"] for one in case.planned()} == {"call"}
    assert case.hours()[:8] == [84 * times for times in range(1, 9)]


def test_a_survivor_gets_a_safety_call_and_nothing_says_why(world, capfd):
    case = Followed(world, "GBV_CM", ("GBV.PSY", {"danger_now": "no"}), capabilities=["gbv_specialist"])
    case.step("accept")
    case.step("start")
    case.step("complete", outcome="NEED_MET")
    planned = case.planned()
    assert case.hours()[0] == 36
    assert {(one["mode"], one["template_id"], one["outcome_if_yes"]) for one in planned} == {
        ("call", None, None)
    }
    with world.stack.engine("notifications").begin() as conn:
        assert following.ask_due(conn, now=world.now + timedelta(days=2), day=timedelta(days=1)) == 1
    with world.stack.engine("admin").connect() as conn:
        kept = {table: str(conn.execute(text(f"SELECT * FROM {table}")).mappings().all()) for table in KEPT}
    assert "call.requested.v1" in kept["bus.event"]
    assert "'template_id': 'S4'" not in kept["notifications.notification"]
    for said in (*kept.values(), "".join(capfd.readouterr())):
        assert "GBV" not in said
        assert "F-ANY" not in said


def test_work_is_asked_about_ninety_days_after_the_help_ended(world):
    case = Followed(world, "LV_JOB", "LIV.JOB", age_band="18-59")
    assert case.step("accept")["checks"] == []
    case.step("start")
    case.step("complete", outcome="EMPLOYED")
    (asked,) = [one for one in case.planned() if one["template_id"] == "S5"]
    assert asked["due_at"] - world.now == timedelta(days=90)
    assert (asked["outcome_if_yes"], asked["outcome_if_no"]) == ("INCOME_UP", "INCOME_NONE")


def test_coming_back_from_being_on_hold_begins_nothing_anew(world):
    case = Followed(world, "LEG_MIG", "LEG.REG")
    assert case.step("accept")["checks"]
    case.referral = world.step(case.referral, "hold", reason="no_contact", contact_attempts=3)
    case.referral = world.step(case.referral, "resume")
    first, again = case.told("referral.accepted.v1")
    assert first["checks"]
    assert again["checks"] == []


def test_a_legal_deadline_that_the_assessment_tells_of_is_followed(world):
    case = Followed(world, "LEG_MIG", ("LEG.REG", {"deadline_days": 20}))
    world.later(hours=24)
    told = {one["id"]: one["after_hours"] for one in case.step("accept")["checks"]}
    assert told["F-LEG-03"] == (20 - 15 - 1) * 24
    assert told["F-LEG-04"] == (20 - 3 - 1) * 24


def test_without_a_deadline_nothing_is_planned_before_one(world):
    told = {one["id"] for one in Followed(world, "LEG_MIG", "LEG.REG").step("accept")["checks"]}
    assert told == {"F-LEG-01", "F-LEG-02"}


def test_rules_that_give_no_answer_stop_nobody_and_a_human_calls(world, monkeypatch):
    def silent(*_, **__):
        raise LookupError("no answer")

    case = Followed(world, "LEG_MIG", "LEG.REG")
    monkeypatch.setattr(follow_up, "follow_ups", silent)
    assert case.step("accept")["checks"] is None
    (planned,) = case.planned()
    assert (planned["check_id"], planned["mode"]) == ("call-accepted", "call")


@pytest.fixture
def coordinators(stack, world):
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",)))
    app = make_app(stack)
    return [Caller(app, "coordinator", account_id=an_id(name)) for name in ("author", "second coordinator")]


def test_a_changed_and_approved_row_changes_what_the_next_accepted_referral_is_followed_by(
    world, coordinators
):
    before = Followed(world, "LEG_MIG", "LEG.REG")
    waiting = before.routed("LEG.REG", "LEG_MIG")
    before.step("accept")
    author, second = coordinators
    made = upload(
        author,
        a_draft(author, "Legal: a los 10 días"),
        "follow_up",
        changed("F-LEG-01", ",168,", ",240,", "follow_up"),
    ).get_json()
    made = published(author, second, made)
    assert made["content_hash"] != Pathway.load().version
    world.now = datetime.now(UTC)
    after = before.told("referral.accepted.v1")[0]["checks"]
    before.referral = waiting
    told = before.step("accept")["checks"]
    assert [one["after_hours"] for one in after] == [168, 720]
    assert [one["after_hours"] for one in told] == [240, 720]
    days = {one["due_at"] - world.now for one in before.planned() if str(one["referral_id"]) == waiting.id}
    assert days == {timedelta(days=10), timedelta(days=30)}


def test_the_person_who_refers_may_complete_and_it_is_followed_too(world):
    case = Followed(world, "LEG_MIG", "LEG.REG")
    case.step("accept")
    case.step("start")
    told = case.step("complete", who=FOCAL, outcome="FILED")
    assert {one["id"] for one in told["checks"]} == {"F-ANY-01", "F-ANY-04"}
