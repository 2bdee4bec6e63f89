"""A message goes out through a real Kannel, its report comes back, and the phone's answer becomes an outcome."""

import pytest
import requests

from tests.gateway.conftest import GATEWAY_SECRET
from tests.gateway.kannel import wait_until
from tests.integration.notifications.conftest import PHONE, STAFF_PHONE, a_referral, completed

pytestmark = pytest.mark.gateway


def told(service, kind):
    return service.rows(f"SELECT data FROM bus.event WHERE type = '{kind}' ORDER BY id")


def is_delivered(service, number):
    return lambda: service.works() and service.statuses() == ["delivered"] * number


def test_from_a_referral_to_the_phone_and_back(service):
    fact = a_referral()
    service.hears(fact)
    expected = ["delivered", "sent"]  # of staff only failures are reported
    wait_until(lambda: service.works() and service.statuses() == expected, "the person's message delivered")
    wait_until(lambda: len(service.gateway.received()) == 2, "both phones have theirs")
    received = " ".join(service.gateway.received())
    assert f"{PHONE} text Hola. Recibimos su solicitud" in received
    assert f"{STAFF_PHONE} text Tiene 1 caso nuevo por revisar." in received

    service.hears(completed(fact))
    service.works()
    service.instead_of_waiting(
        "UPDATE notifications.follow_up SET due_at = now() WHERE check_id = 'F-ANY-04'"
    )
    wait_until(
        lambda: service.works() and "gestion pendiente" in str(service.gateway.received()), "the question"
    )
    service.gateway.answer(PHONE, "1")
    (outcome,) = wait_until(lambda: service.works() and told(service, "outcome.reported.v1"), "the outcome")
    assert outcome["data"]["referral_id"] == fact.referral_id
    assert outcome["data"]["outcome"] == "NEED_MET"
    assert outcome["data"]["source"] == "person"
    kept = service.rows("SELECT kind, channel FROM notifications.inbound")
    assert kept == [{"kind": "yes", "channel": "kannel"}]


def test_an_answer_with_accents_arrives_whole_and_stops_the_messages(service):
    fact = a_referral(organization_id=None)
    service.hears(fact)
    wait_until(is_delivered(service, 1), "delivered")
    service.gateway.answer(PHONE, "¡No más!")
    (event,) = wait_until(lambda: service.works() and told(service, "contact.opted_out.v1"), "the opt-out")
    assert event["data"]["person_id"] == fact.person_id
    assert len(service.gateway.received()) == 1  # nothing was sent back


def test_while_the_gateway_is_away_messages_wait_and_go_out_once_when_it_is_back(service):
    service.gateway.stop()
    service.hears(a_referral(organization_id=None))
    service.works()
    assert service.statuses() == ["queued"]
    ended = service.rows("SELECT ended FROM notifications.delivery")
    assert ended == [{"ended": "unavailable"}]
    service.gateway.start()
    service.instead_of_waiting("UPDATE notifications.notification SET due_at = now()")
    wait_until(is_delivered(service, 1), "delivered after all")
    assert len(service.gateway.received()) == 1


def test_it_shows_that_it_answers_and_sends_nothing(service):
    channel = service.parts.sender.channel
    assert channel._answers()
    service.gateway.stop()
    assert not channel._answers()
    assert service.gateway.received() == []


def test_a_report_with_a_wrong_secret_is_refused(service):
    service.hears(a_referral(organization_id=None))
    wait_until(is_delivered(service, 1), "delivered")
    (row,) = service.rows("SELECT id::text FROM notifications.delivery")
    address = f"{service.web_url}/notifications/api/v1/kannel/%s/reports/{row['id']}"
    assert (
        requests.get(address % "guessed-secret-of-24-char", params={"code": 2}, timeout=5).status_code == 401
    )
    assert requests.get(address % GATEWAY_SECRET, params={"code": "x"}, timeout=5).status_code == 422
    assert requests.get(address % GATEWAY_SECRET, params={"code": 2}, timeout=5).content == b""
    service.works()
    assert service.statuses() == ["delivered"]
