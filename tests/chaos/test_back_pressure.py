"""When work piles up: a stated limit, a clear answer, and emergencies first, whoever sends how much."""

import threading
import time
from datetime import timedelta

import pytest
import requests
from sqlalchemy import text

from deploy.local.embedded.ports import free_port
from services.intake.app import create_app
from services.intake.settings import Settings
from services.referral.subscriptions import HANDLERS
from shared.bus import Inbox, drain
from shared.events import BY_TYPE
from shared.settings import load
from tests.chaos import cases
from tests.chaos.crash import PATH, headers
from tests.chaos.product import Product
from tests.chaos.test_gateway import Sender, serve
from tests.model.pipeline import Pipeline, environment_of

LIMIT = 5
MESSAGES_LIMIT = 40
"""More than what comes between two looks at how many wait, so that emergencies find room."""
LOUD, QUIET = cases.stable_id("sender", 0, 0), cases.stable_id("sender", 0, 1)


@pytest.fixture
def environment(clean_stack):
    return environment_of(clean_stack, INTAKE_BACKLOG_LIMIT=str(LIMIT))


@pytest.fixture
def intake(environment):
    return create_app(load(Settings, environment)).test_client()


@pytest.fixture(scope="module")
def made(stack):
    return Pipeline(stack)


@pytest.fixture
def pipeline(made):
    made.begin()
    return made


class TestLimit:
    def test_beyond_it_intake_says_later_and_takes_more_when_workers_have_caught_up(
        self, intake, environment, clean_stack, monkeypatch
    ):
        monkeypatch.setattr("shared.bus.pressure.LOOK_AGAIN_SECONDS", 0.0)

        def send(number):
            return intake.post(PATH, json=ordinary(number), headers=headers(environment))

        answers = [send(number) for number in range(LIMIT + 3)]
        assert [one.status_code for one in answers] == [201] * (LIMIT + 1) + [503, 503]
        assert answers[-1].headers["Retry-After"] == "10"
        assert answers[-1].json["code"] == "overloaded"
        ready = intake.get("/intake/ready")
        assert (ready.status_code, ready.json["checks"]["pressure"]) == (200, "degraded")
        urgent = [
            intake.post(PATH, json=emergency(50 + number), headers=headers(environment)).status_code
            for number in range(LIMIT + 1)
        ]
        assert urgent == [201] * LIMIT + [503]
        drain(Inbox(clean_stack.engine("referral"), "referral", HANDLERS))
        drain(
            Inbox(clean_stack.engine("notifications"), "notifications", dict.fromkeys(BY_TYPE.values(), act))
        )
        assert send(LIMIT + 1).status_code == 201

    def test_a_service_that_is_behind_is_degraded_not_dead(self, pipeline):
        pipeline.post(PATH, cases.assessment(11, 1), role="focal_point", organization_id=LOUD)
        assert pipeline.client.get("/referral/ready").json["status"] == "ready"
        pipeline.execute("UPDATE bus.inbox SET due_at = now() - interval '1 minute'")
        answer = pipeline.client.get("/referral/ready")
        assert (answer.status_code, answer.json["status"]) == (200, "degraded")
        assert pipeline.client.get("/referral/health").status_code == 200


def act(conn, events):
    """Handler that does nothing."""


class TestDeadGateway:
    """Nobody listens where the SMS gateway should be. Events are acted on all the same; messages pile up."""

    @pytest.fixture
    def product(self, stack, tmp_path):
        nobody = Sender(free_port(), tmp_path / "gateway.jsonl")
        made = Product(stack, tmp_path, nobody, INTAKE_MESSAGES_LIMIT=str(MESSAGES_LIMIT))
        made.begin()
        yield made
        made.server.shutdown()

    def test_messages_that_nobody_takes_press_back_until_they_are_taken(self, product):
        def took_in(document):
            answer = product.post(document)
            assert answer.status_code == 201 or answer.json()["code"] == "overloaded", answer.text
            return answer.status_code == 201

        def ready():
            url = f"{product.environment['NOTIFICATIONS_URL']}/notifications/ready"
            answer = requests.get(url, timeout=10)
            return answer.status_code, answer.json()["checks"]["outlet"]

        numbers = iter(range(200, 1_000))
        with product.worker("referral"), product.worker("notifications"):
            wait_until(lambda: not took_in(ordinary(next(numbers))))
            wait_until(lambda: took_in(emergency(next(numbers))))
            assert ready() == (200, "ok")
            product.pass_time(timedelta(minutes=5))
            assert ready() == (200, "degraded")
            with serve(product.gateway.log, product.gateway.port):
                wait_until(lambda: took_in(ordinary(next(numbers))))
                wait_until(lambda: ready() == (200, "ok"))
        assert product.gateway.accepted()


def wait_until(condition):
    """Look again every second, as the product does every second or two."""
    pause, until = threading.Event(), time.monotonic() + 90
    while not condition():
        assert time.monotonic() < until
        pause.wait(1.0)


class TestEmergencies:
    """One organization sends seven times its usual load; another one's emergency comes last and is served first."""

    @pytest.fixture
    def crowded(self, pipeline):
        for number in range(35):
            answer = pipeline.post(PATH, ordinary(number), role="focal_point", organization_id=LOUD)
            assert answer.status_code == 201, answer.text
        urgent = emergency(99)
        answer = pipeline.post(PATH, urgent, role="focal_point", organization_id=QUIET)
        assert answer.status_code == 201, answer.text
        return urgent["id"]

    def test_it_is_routed_first(self, pipeline, crowded):
        with pipeline.stack.engine("referral").begin() as conn:
            first = conn.execute(
                text("SELECT data ->> 'assessment_id' FROM bus.claim('referral', 1, NULL)")
            ).scalar_one()
        assert first == crowded

    def test_its_messages_leave_first(self, pipeline, crowded):
        pipeline.run("referral.drain")
        pipeline.run("notifications.drain")
        pipeline.run("notifications.send")
        references = [message.reference for message in pipeline.phones.accepted]
        about = dict(
            pipeline.ask(
                "SELECT d.id::text, n.assessment_id::text FROM notifications.delivery d"
                " JOIN notifications.notification n ON n.id = d.notification_id"
            )
        )
        order = [about[reference] for reference in references]
        urgent = [place for place, assessment in enumerate(order) if assessment == crowded]
        assert urgent == list(range(len(urgent)))
        assert urgent


def ordinary(number):
    """A case that can wait."""
    document = cases.assessment(13, number)
    return {**document, "needs": [a_need(number, "EDU.OOS", {})]}


def emergency(number):
    """A case that cannot."""
    return {**ordinary(number), "needs": [a_need(number, "PRO.PHYS", {"danger_now": "yes"})]}


def a_need(number, code, facts):
    return {"id": cases.stable_id("need", 13, number), "code": code, "refer": True, "facts": facts}
