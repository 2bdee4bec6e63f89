"""The API: who may see and do what, what the gateway may bring, and the sandbox."""

from dataclasses import replace

import pytest

from services.notifications.domain.gates import DAYS
from services.notifications.store.sealing import Seals
from services.notifications.tasks import make_channel
from shared.clock import utc_now
from shared.ids import new_id
from shared.web import unnamed_routes
from tests.integration.notifications.conftest import (
    GATEWAY_SECRET,
    KEY,
    PHONE,
    STAFF_PHONE,
    a_referral,
    accepted,
)


@pytest.fixture
def sandbox(service, app):
    """The service with the channel of the embedded stack."""
    settings = app.extensions["ruta"].resources["settings"]
    service.phones = make_channel(settings, service.engine, Seals.from_setting(KEY))
    service.seals = Seals.from_setting(KEY)
    return service


def test_every_route_names_who_may_call_it(app):
    assert unnamed_routes(app) == []


class TestMessages:
    def test_the_focal_point_reads_word_by_word_what_was_sent(self, service, call_as):
        fact = a_referral()
        service.hears(fact)
        service.sends()
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        items = caller.get(f"/notifications?assessment_id={fact.assessment_id}").get_json()["items"]
        assert {item["text"] for item in items} == {message.text for message in service.phones.got}
        assert {item["status"] for item in items} == {"sent"}
        assert PHONE not in str(items)
        attempts = caller.get(f"/notifications/{items[0]['id']}/deliveries").get_json()["items"]
        assert [(one["attempt"], one["ended"]) for one in attempts] == [(1, "accepted")]

    def test_another_focal_point_sees_nothing(self, service, call_as):
        fact = a_referral()
        service.hears(fact)
        service.sends()
        caller = call_as("focal_point")
        assert caller.get(f"/notifications?assessment_id={fact.assessment_id}").get_json()["items"] == []
        (row, *_) = service.rows("SELECT id::text FROM notifications.notification")
        assert caller.get(f"/notifications/{row['id']}/deliveries").status_code == 404

    def test_a_coordinator_does_not_see_restricted_needs(self, service, call_as):
        fact = a_referral(sensitivity="S3", service_type=None)
        service.hears(fact)
        service.sends()
        caller = call_as("coordinator")
        assert caller.get(f"/notifications?assessment_id={fact.assessment_id}").get_json()["items"] == []
        assert caller.get("/calls").get_json()["items"] == []

    def test_lists_page_by_key(self, service, call_as):
        fact = a_referral()
        service.hears(fact)
        caller = call_as("coordinator")
        first = caller.get(f"/notifications?assessment_id={fact.assessment_id}&limit=1").get_json()
        rest = caller.get(
            f"/notifications?assessment_id={fact.assessment_id}&after={first['next']}"
        ).get_json()
        assert len(first["items"]) == len(rest["items"]) == 1
        assert rest["next"] is None

    @pytest.mark.parametrize("query", ["", "?assessment_id=x", f"?assessment_id={new_id()}&after=rubbish"])
    def test_a_bad_question_is_422(self, call_as, query):
        assert call_as("coordinator").get(f"/notifications{query}").status_code == 422

    @pytest.mark.parametrize("role", ["provider", "admin"])
    def test_others_may_not_ask(self, call_as, role):
        assert call_as(role).get(f"/notifications?assessment_id={new_id()}").status_code == 403


class TestCalls:
    @pytest.fixture
    def fact(self, service):
        service.book.default = None
        fact = a_referral(organization_id=None)
        service.hears(fact)
        service.sends()
        return fact

    def test_a_call_is_listed_and_closed_once(self, fact, call_as):
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        (call,) = caller.get("/calls").get_json()["items"]
        assert call["reason"] == "no_safe_contact"
        assert caller.post(f"/calls/{call['id']}/close", {"result": "done"}).status_code == 204
        assert caller.get("/calls").get_json()["items"] == []
        again = caller.post(f"/calls/{call['id']}/close", {"result": "done"})
        assert (again.status_code, again.get_json()["code"]) == (409, "call_closed")

    def test_intake_hears_that_it_was_closed(self, fact, service, call_as):
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        (call,) = caller.get("/calls").get_json()["items"]
        caller.post(f"/calls/{call['id']}/close", {"result": "done"})
        (told,) = service.told("call.closed.v1")
        assert (told["data"]["call_id"], told["seq"]) == (call["id"], 3)

    def test_nobody_else_closes_it(self, fact, service, call_as):
        (row,) = service.rows("SELECT id::text FROM notifications.call")
        assert call_as("focal_point").post(f"/calls/{row['id']}/close", {"result": "done"}).status_code == 404

    def test_a_result_is_one_of_a_list(self, fact, service, call_as):
        (row,) = service.rows("SELECT id::text FROM notifications.call")
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        assert caller.post(f"/calls/{row['id']}/close", {"result": "whatever"}).status_code == 422

    def test_after_an_unclear_answer_a_call_may_let_messages_go_on(self, service, call_as):
        fact = a_referral(organization_id=None)
        service.hears(fact)
        service.sends()
        service.answers("quien es")
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        (call,) = caller.get("/calls").get_json()["items"]
        caller.post(f"/calls/{call['id']}/close", {"result": "done", "resume": True})
        service.hears(accepted(fact, appointment_at="2026-11-26T14:30:00+00:00"))
        service.sends()
        assert len(service.phones.texts_to(PHONE)) == 2

    def test_after_stop_no_call_lets_messages_go_on(self, service, call_as):
        fact = a_referral(organization_id=None)
        service.hears(fact)
        service.sends()
        service.answers("BAJA")
        service.hears(
            a_referral(organization_id=None, person_id=fact.person_id, focal_point_id=fact.focal_point_id)
        )
        service.sends()
        caller = call_as("focal_point", account_id=fact.focal_point_id)
        (call,) = caller.get("/calls").get_json()["items"]
        caller.post(f"/calls/{call['id']}/close", {"result": "done", "resume": True})
        assert service.rows("SELECT 1 FROM notifications.opt_out WHERE lifted_at IS NOT NULL") == []


class TestGateway:
    def bring(self, app, path):
        return app.test_client().get(f"/notifications/api/v1/kannel/{path}")

    def test_a_report_is_kept_and_nothing_is_answered(self, app, service):
        answer = self.bring(app, f"{GATEWAY_SECRET}/reports/{new_id()}?code=1")
        assert (answer.status_code, answer.data) == (200, b"")
        assert len(service.rows("SELECT 1 FROM notifications.report")) == 1

    def test_a_message_is_kept_once_and_nothing_is_answered(self, app, service):
        for _ in range(2):
            answer = self.bring(app, f"{GATEWAY_SECRET}/inbound?from=%2B573001112233&text=S%C3%AD&id=abc")
            assert (answer.status_code, answer.data) == (200, b"")
        assert len(service.rows("SELECT 1 FROM notifications.inbound")) == 1
        assert "3001112233" not in str(service.rows("SELECT * FROM notifications.inbound"))

    @pytest.mark.parametrize("secret", ["x", "a-gateway-secret-of-28-charS", "%20"])
    def test_a_wrong_secret_is_401_and_keeps_nothing(self, app, service, secret):
        answer = self.bring(app, f"{secret}/inbound?from=573001112233&text=1&id=abc")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "wrong_secret")
        assert self.bring(app, f"{secret}/reports/{new_id()}?code=1").status_code == 401
        assert service.rows("SELECT 1 FROM notifications.inbound") == []

    @pytest.mark.parametrize(
        "query",
        [
            "text=1&id=a",
            "from=abc&text=1&id=a",
            "from=573001112233&text=1",
            f"from=573001112233&id=a&text={'x' * 1601}",
        ],
    )
    def test_a_message_without_number_or_id_is_422(self, app, query):
        assert self.bring(app, f"{GATEWAY_SECRET}/inbound?{query}").status_code == 422

    @pytest.mark.parametrize("code", ["", "x", "0", "64", "99999999999"])
    def test_a_report_with_a_code_that_is_none_is_422(self, app, code):
        assert self.bring(app, f"{GATEWAY_SECRET}/reports/{new_id()}?code={code}").status_code == 422


class TestSandbox:
    def test_what_was_sent_is_on_the_page_and_may_be_answered(self, sandbox, call_as, app):
        sandbox.now = utc_now()
        sandbox.book.default = replace(sandbox.book.default, safe_days=DAYS, safe_hours=("00:00", "23:59:59"))
        fact = a_referral()
        sandbox.hears(fact)
        sandbox.sends()
        caller = call_as("coordinator")
        items = caller.get("/sandbox/messages").get_json()["items"]
        assert {item["phone"] for item in items} == {PHONE[-4:], STAFF_PHONE[-4:]}
        assert sandbox.statuses() == [("delivered", None)]
        mine = next(item for item in items if item["phone"] == PHONE[-4:])
        assert caller.post(f"/sandbox/messages/{mine['id']}/reply", {"text": "BAJA"}).status_code == 202
        sandbox.reads_answers()
        assert [told["data"]["person_id"] for told in sandbox.told("contact.opted_out.v1")] == [
            fact.person_id
        ]

    def test_a_message_that_is_not_there_cannot_be_answered(self, call_as):
        assert (
            call_as("coordinator").post(f"/sandbox/messages/{new_id()}/reply", {"text": "1"}).status_code
            == 404
        )
