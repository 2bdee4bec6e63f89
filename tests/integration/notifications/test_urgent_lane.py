"""An emergency's messages stand in no line behind ordinary ones."""

import threading

from services.notifications.channels.base import Outgoing, Receipt
from services.notifications.channels.kannel import KannelAccount, KannelChannel
from services.notifications.operations.sending import Sender, send_due
from shared.ids import new_id
from tests.integration.notifications.conftest import WIDE, a_referral
from tests.integration.notifications.test_outside import Outside

PHONE, STAFF = "+573001112233", "+573004445566"


def test_they_are_sent_while_a_batch_is_at_the_gateway(service):
    """And ordinary ones are left to whoever sends those."""
    service.hears(*[a_referral(priority=3) for _ in range(3)])
    urgent = a_referral(priority=0)
    sender = Sender(
        service.engine, None, service.book, service.phones, service.seals, WIDE, lambda: service.now
    )
    counts = []

    def an_emergency_comes_in():
        service.phones.during = None
        service.hears(urgent)
        counts.append(send_due(sender.lane_for_urgent()))

    service.phones.during = an_emergency_comes_in
    ordinary = send_due(sender)
    assert (counts, ordinary) == ([2], 6)
    (first, second) = service.rows(
        "SELECT referral_id::text, assessment_id::text, status FROM notifications.notification WHERE priority = 0"
    )
    assert {first["assessment_id"], second["assessment_id"]} == {urgent.assessment_id}
    assert {first["status"], second["status"]} == {"sent"}


def test_a_lane_goes_on_while_every_thread_of_the_channel_waits_for_an_answer():
    hanging = Outside()
    try:
        hanging.hold.clear()
        account = KannelAccount(
            f"{hanging.url}/cgi-bin/sendsms", "ruta", "a password", "8070", "http://none/r"
        )
        channel = KannelChannel(account, parallel=2)
        lane = channel.lane()
        messages = [Outgoing(new_id(), STAFF, f"Hola {number}") for number in range(6)]
        ended = []
        ordinary = threading.Thread(target=lambda: ended.append(channel.send_all(messages)))
        ordinary.start()
        hanging.wait_for(2)
        urgent = Outgoing(new_id(), PHONE, "Ahora")
        went = threading.Thread(target=lambda: ended.append(lane.send_all([urgent])))
        went.start()
        hanging.wait_for(3)
        assert [one["args"]["to"] for one in hanging.asked].count(PHONE) == 1
        hanging.hold.set()
        ordinary.join(30)
        went.join(30)
    finally:
        hanging.stop()
    assert sum(isinstance(one, Receipt) for results in ended for one in results.values()) == 7


def test_what_the_channel_learns_of_the_gateway_its_lane_knows():
    account = KannelAccount(
        "http://127.0.0.1:9/cgi-bin/sendsms", "ruta", "a password", "8070", "http://none/r"
    )
    channel = KannelChannel(account, parallel=1)
    lane = channel.lane()
    assert lane.room() > 1
    channel.send_all([Outgoing(new_id(), PHONE, "Hola") for _ in range(4)])
    assert lane.room() == channel.room() == 0
