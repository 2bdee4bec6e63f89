"""Towards the outside over HTTP: the SMS gateway's answers told apart, and contacts asked for and never guessed."""

import threading
import time
from collections import Counter

import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from services.notifications.channels import breaker
from services.notifications.channels.base import DeliveryError, Outgoing, Receipt
from services.notifications.channels.kannel import KannelAccount, KannelChannel, report_url
from services.notifications.clients.contacts import ContactBook, ContactsUnavailable
from services.notifications.domain.delivery import End
from shared.identity.tokens import verify
from shared.ids import new_id

SECRET = "a secret key that is long enough for tests"
PHONE = "+573001112233"


class Outside:
    """A server on loopback that answers what the test decides and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.answer = lambda: Response("0: Accepted for delivery", 202)
        self.hold = threading.Event()
        self.hold.set()
        app = Flask("outside")
        app.add_url_rule("/<path:path>", view_func=self._take, methods=["GET", "POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _take(self, path):
        self.asked.append({"path": path, "args": request.args.to_dict(), "json": request.get_json(silent=True),
                           "token": request.headers.get("Authorization", "").removeprefix("Bearer ")})  # fmt: skip
        self.hold.wait(20)
        return self.answer()

    def wait_for(self, calls):
        """Return when so many calls have come in."""
        until = time.monotonic() + 30
        while len(self.asked) < calls:
            assert time.monotonic() < until, len(self.asked)
            time.sleep(0.01)

    def stop(self):
        self.hold.set()
        self._server.shutdown()


@pytest.fixture
def outside():
    server = Outside()
    yield server
    server.stop()


def channel_to(url, **kwargs):
    reports = report_url("http://127.0.0.1:8000/", "se/cret")
    account = KannelAccount(f"{url}/cgi-bin/sendsms", "ruta", "a password", "8070", reports)
    return KannelChannel(account, **kwargs)


def send(channel):
    message = Outgoing(new_id(), PHONE, "Hola, señora. 1 SI")
    (result,) = channel.send_all([message]).values()
    return message, result


class TestKannel:
    def test_everything_kannel_needs_is_in_the_call(self, outside):
        message, result = send(channel_to(outside.url))
        assert isinstance(result, Receipt)
        assert outside.asked[0]["args"] == {
            "username": "ruta",
            "password": "a password",
            "from": "8070",
            "to": PHONE,
            "text": "Hola, señora. 1 SI",
            "charset": "UTF-8",
            "coding": "0",
            "dlr-mask": "19",
            "dlr-url": "http://127.0.0.1:8000/notifications/api/v1/kannel/se%2Fcret/reports/"
            f"{message.delivery_id}?code=%d",
        }

    @pytest.mark.parametrize(
        ("status", "end"),
        [
            (202, End.ACCEPTED),
            (200, End.UNKNOWN),
            (302, End.UNAVAILABLE),
            (403, End.UNAVAILABLE),
            (404, End.UNAVAILABLE),
            (400, End.PERMANENT),
            (503, End.TEMPORARY),
            (429, End.TEMPORARY),
            (500, End.TEMPORARY),
            (502, End.UNKNOWN),
            (504, End.UNKNOWN),
        ],
    )
    def test_what_each_answer_means(self, outside, status, end):
        outside.answer = lambda: Response("", status)
        assert send(channel_to(outside.url))[1].end is end

    def test_no_answer_in_time_means_nobody_knows(self, outside):
        outside.hold.clear()
        assert send(channel_to(outside.url, read_seconds=0.2))[1].end is End.UNKNOWN
        assert len(outside.asked) == 1

    def test_nobody_listening_means_it_was_certainly_not_taken(self, outside):
        outside.stop()
        outside._server.server_close()
        assert send(channel_to(outside.url))[1].end is End.UNAVAILABLE

    def test_many_go_out_once_each_and_every_one_has_its_result(self, outside):
        messages = [Outgoing(new_id(), PHONE, f"Hola {number}") for number in range(50)]
        results = channel_to(outside.url).send_all(messages)
        assert set(results) == {message.delivery_id for message in messages}
        assert len(outside.asked) == 50

    def test_a_gateway_that_hangs_leaves_few_in_doubt_and_the_others_untouched(self, outside):
        outside.hold.clear()
        messages = [Outgoing(new_id(), PHONE, f"Hola {number}") for number in range(50)]
        results = channel_to(outside.url, read_seconds=0.2, parallel=4).send_all(messages)
        ends = Counter(result.end for result in results.values())
        assert set(ends) == {End.UNKNOWN, End.UNAVAILABLE}
        assert ends[End.UNKNOWN] == len(outside.asked) <= 7

    def test_after_a_hang_it_asks_without_a_receiver_until_it_is_answered(self, outside, monkeypatch):
        """So nobody is left in doubt by the asking, and it is noticed at once when the gateway is back."""
        monkeypatch.setattr(breaker, "LOOK_EVERY_SECONDS", 0.1)
        monkeypatch.setattr(breaker, "FIRST_SECONDS", 0.5)
        outside.hold.clear()
        channel = channel_to(outside.url, read_seconds=0.2, parallel=4)
        channel.send_all([Outgoing(new_id(), PHONE, f"Hola {number}") for number in range(50)])
        asked = len(outside.asked)
        assert channel.room() == 0
        outside.answer = lambda: Response("Missing receiver number, rejected", 400)
        outside.hold.set()
        until = time.monotonic() + 20
        while not channel.room():
            assert time.monotonic() < until
            time.sleep(0.02)
        assert channel.room() == 1
        looks = outside.asked[asked:]
        assert len(looks) >= 2
        assert all(set(look["args"]) == {"username", "password", "from"} for look in looks)

    def test_an_error_page_is_no_sign_that_it_is_back(self, outside, monkeypatch):
        monkeypatch.setattr(breaker, "LOOK_EVERY_SECONDS", 0.0)
        monkeypatch.setattr(breaker, "FIRST_SECONDS", 0.0)
        channel = channel_to(outside.url, read_seconds=5, parallel=1)
        outside.answer = lambda: Response("<html>", 200)
        for _ in range(breaker.IN_A_ROW):
            send(channel)
        assert channel.room() == 0
        outside.answer = lambda: Response("<html>", 502)
        assert channel.room() == 0
        outside.answer = lambda: Response("Authorization failed for sendsms", 403)
        assert channel.room() == 1

    def test_asked_to_stop_it_begins_no_other(self, outside):
        messages = [Outgoing(new_id(), PHONE, f"Hola {number}") for number in range(50)]
        results = channel_to(outside.url, parallel=1).send_all(messages, lambda: len(outside.asked) == 3)
        assert Counter(result.end for result in results.values()) == {End.ACCEPTED: 3, End.UNAVAILABLE: 47}
        assert len(outside.asked) == 3

    def test_errors_and_reprs_carry_no_number_and_no_text(self, outside):
        outside.answer = lambda: Response(PHONE, 500)
        message, result = send(channel_to(outside.url))
        assert isinstance(result, DeliveryError)
        for told in (repr(message), str(result), repr(result), str(result.__cause__)):
            assert PHONE[1:] not in told
            assert "Hola" not in told


class TestContactBook:
    def book(self, outside):
        return ContactBook(intake_url=outside.url, referral_url=outside.url, secret_key=SECRET)

    def answers(self, outside, *contacts):
        outside.answer = lambda: jsonify(contacts=list(contacts))

    def test_persons_are_asked_for_in_one_call_with_a_service_token_and_a_purpose(self, outside):
        persons = [new_id() for _ in range(3)]
        contact = {"person_id": persons[0], "contact_allowed": True, "channel": "sms", "phone": PHONE, "owner": "self",
                   "safe_days": ["mon"], "safe_hours": ["08:00", "12:00"], "timezone": "America/Lima", "language": "es",
                   "sensitive_ok": False, "neutral_name": None, "age_band": "18-59", "reason": None}  # fmt: skip
        self.answers(outside, contact)
        found = self.book(outside).persons(persons)
        assert list(found) == [persons[0]]
        assert found[persons[0]].timezone == "America/Lima"
        (asked,) = outside.asked
        assert asked["path"] == "intake/api/v1/safe-contacts/lookup"
        assert asked["json"] == {"person_ids": persons, "purpose": "notification"}
        assert verify(asked["token"], secret_key=SECRET).role == "service"

    def test_a_contact_without_permission_needs_nothing_else(self, outside):
        person = new_id()
        self.answers(outside, {"person_id": person, "contact_allowed": False, "reason": "no_consent", "phone": None,
                               "channel": None, "safe_days": [], "safe_hours": None, "timezone": None,
                               "language": None, "sensitive_ok": False, "age_band": "unknown"})  # fmt: skip
        assert self.book(outside).persons([person])[person].contact_allowed is False

    @pytest.mark.parametrize(
        "body",
        [b"<html>", b"{}", b'{"contacts": null}', b'{"contacts": ["x"]}', b'{"contacts": [{"person_id": "x"}]}',
         b'{"contacts": [{"person_id": "0190aaaa-0000-7000-8000-000000000001", "contact_allowed": "yes"}]}'],
    )  # fmt: skip
    def test_an_answer_we_cannot_read_is_no_answer(self, outside, body):
        outside.answer = lambda: Response(body, 200, content_type="application/json")
        with pytest.raises(ContactsUnavailable):
            self.book(outside).persons([new_id()])

    @pytest.mark.parametrize("status", [401, 403, 422, 500, 503])
    def test_a_refusal_is_no_answer(self, outside, status):
        outside.answer = lambda: Response("{}", status, content_type="application/json")
        with pytest.raises(ContactsUnavailable):
            self.book(outside).persons([new_id()])

    def test_nobody_listening_is_no_answer(self, outside):
        outside.stop()
        outside._server.server_close()
        with pytest.raises(ContactsUnavailable):
            self.book(outside).organizations([new_id()])

    def test_phones_of_organizations_are_remembered_for_a_while_missing_ones_too(self, outside):
        known, unknown = new_id(), new_id()
        self.answers(
            outside, {"organization_id": known, "phone": PHONE, "language": "es", "timezone": "America/Lima"}
        )
        book = self.book(outside)
        assert book.organizations([known, unknown])[known].phone == PHONE
        assert list(book.organizations([known, unknown])) == [known]
        assert len(outside.asked) == 1
        assert PHONE not in repr(book.organizations([known]))
