"""The gates: consent, channel, hours, sensitivity, rate, in this order, and never a silent drop."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.gates import (
    DAYS,
    Contact,
    Hold,
    Human,
    Limits,
    Message,
    Past,
    Send,
    decide,
)

BOGOTA = ZoneInfo("America/Bogota")
TUESDAY_10 = datetime(2026, 11, 24, 10, 0, tzinfo=BOGOTA)
ANA = Contact(person_id="p", contact_allowed=True, channel="sms", phone="+573001112233", age_band="18-59")
NOTE = Message("S2", "S1")
NOTHING = Past({})
USUAL = Limits()


def decided(contact=ANA, message=NOTE, past=NOTHING, now=TUESDAY_10, limits=USUAL):
    return decide(message, contact, past, limits=limits, now=now)


class TestHumanTakesOver:
    @pytest.mark.parametrize(
        ("contact", "reason"),
        [
            (None, "no_safe_contact"),
            (replace(ANA, contact_allowed=False), "no_contact_consent"),
            (replace(ANA, contact_allowed=False, reason="sensitive"), "sensitive"),
            (replace(ANA, contact_allowed=False, reason="never"), "never_by_machine"),
            (replace(ANA, contact_allowed=False, reason="something new"), "no_contact_consent"),
            (replace(ANA, channel="whatsapp"), "no_automatic_channel"),
            (replace(ANA, channel=None), "no_automatic_channel"),
            (replace(ANA, phone=None), "no_phone"),
            (replace(ANA, timezone="America/Nowhere"), "contact_unreadable"),
            (replace(ANA, safe_hours=("nine", "ten")), "contact_unreadable"),
            (replace(ANA, safe_hours=("09:00", "09:00")), "no_safe_hours"),
            (replace(ANA, age_band="12-17"), "under_18"),
        ],
    )
    def test_when_a_gate_is_shut(self, contact, reason):
        assert decided(contact) == Human(reason)

    def test_after_the_person_said_stop(self):
        assert decided(past=Past({}, stopped="opted_out")) == Human("opted_out")

    def test_consent_goes_before_everything(self):
        contact = replace(ANA, contact_allowed=False, channel="call", age_band="5-11")
        assert decided(contact, Message("S2", "S3")) == Human("no_contact_consent")

    def test_when_the_message_would_come_too_late(self):
        night = datetime(2026, 11, 24, 22, 0, tzinfo=BOGOTA)
        note = Message("S1", "S1", expires_at=night + timedelta(hours=3))
        assert decided(message=note, now=night) == Human("too_late")


class TestSensitivity:
    def test_a_restricted_need_goes_to_a_human_by_default(self):
        assert decided(message=Message("S2", "S3")) == Human("sensitive")

    def test_with_explicit_permission_only_the_neutral_template_goes(self):
        assert decided(replace(ANA, sensitive_ok=True), Message("S1", "S3")) == Send("S3", TUESDAY_10.date())

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"age_band": "12-17"}, "sensitive_under_18"),
            ({"age_band": "0-4", "owner": "third_person"}, "sensitive_under_18"),
            ({"owner": "shared"}, "sensitive_shared_phone"),
            ({"owner": "third_person"}, "sensitive_shared_phone"),
            ({"neutral_name": "Psicologa Ana"}, "alias_not_listed"),
        ],
    )
    def test_permission_does_not_reach_a_child_a_shared_phone_or_a_name_of_its_own(self, change, reason):
        contact = replace(ANA, **({"sensitive_ok": True} | change))
        assert decided(contact, Message("S2", "S3")) == Human(reason)

    def test_a_childs_message_goes_to_the_agreed_adult(self):
        contact = replace(ANA, age_band="12-17", owner="third_person")
        assert isinstance(decided(contact), Send)

    def test_a_wait_does_not_hide_that_a_human_is_needed(self):
        night = datetime(2026, 11, 24, 3, 0, tzinfo=BOGOTA)
        assert decided(message=Message("S2", "S3"), now=night) == Human("sensitive")


class TestHours:
    def test_before_opening_it_waits_for_the_same_morning(self):
        now = datetime(2026, 11, 24, 6, 30, tzinfo=BOGOTA)
        assert decided(now=now) == Hold(datetime(2026, 11, 24, 9, 0, tzinfo=BOGOTA), "safe_hours")

    def test_the_clock_is_the_persons(self):
        contact = replace(ANA, timezone="America/Caracas")
        now = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)  # 8:30 in Bogota, 9:30 in Caracas
        assert isinstance(decided(contact, now=now), Send)
        assert isinstance(decided(now=now), Hold)

    def test_closing_time_is_outside(self):
        now = datetime(2026, 11, 24, 18, 0, tzinfo=BOGOTA)
        assert decided(now=now) == Hold(datetime(2026, 11, 25, 9, 0, tzinfo=BOGOTA), "safe_hours")

    def test_saturday_evening_waits_for_monday_because_sunday_was_not_chosen(self):
        now = datetime(2026, 11, 21, 20, 0, tzinfo=BOGOTA)
        assert decided(now=now) == Hold(datetime(2026, 11, 23, 9, 0, tzinfo=BOGOTA), "safe_hours")

    def test_sunday_when_chosen(self):
        now = datetime(2026, 11, 22, 10, 0, tzinfo=BOGOTA)
        assert isinstance(decided(replace(ANA, safe_days=("sun",)), now=now), Send)

    def test_a_window_may_pass_midnight(self):
        contact = replace(ANA, safe_hours=("22:00", "02:00"), safe_days=("tue",))
        assert isinstance(decided(contact, now=datetime(2026, 11, 25, 1, 0, tzinfo=BOGOTA)), Send)
        assert decided(contact) == Hold(datetime(2026, 11, 24, 22, 0, tzinfo=BOGOTA), "safe_hours")


class TestRate:
    def test_one_a_day(self):
        past = Past({TUESDAY_10.date(): 1})
        assert decided(past=past) == Hold(datetime(2026, 11, 25, 9, 0, tzinfo=BOGOTA), "rate_limit")

    def test_three_a_week(self):
        past = Past({TUESDAY_10.date() - timedelta(days=ago): 1 for ago in (1, 3, 5)})
        assert decided(past=past) == Hold(datetime(2026, 11, 26, 9, 0, tzinfo=BOGOTA), "rate_limit")

    def test_settings_may_be_wider(self):
        assert isinstance(decided(past=Past({TUESDAY_10.date(): 1}), limits=Limits(2, 9)), Send)

    def test_no_room_within_two_weeks_goes_to_a_human(self):
        assert decided(limits=Limits(per_day=0)) == Human("no_safe_hours")


contacts = st.builds(
    Contact,
    person_id=st.just("p"),
    contact_allowed=st.booleans(),
    channel=st.sampled_from(["sms", "whatsapp", "call", None]),
    phone=st.sampled_from(["+573001112233", None]),
    owner=st.sampled_from(["self", "shared", "third_person"]),
    safe_days=st.lists(st.sampled_from(DAYS), unique=True),
    safe_hours=st.sampled_from([("09:00", "18:00"), ("20:00", "04:00"), ("00:00", "23:59")]),
    timezone=st.sampled_from(["America/Bogota", "America/Lima", "America/Guayaquil", "America/Caracas"]),
    sensitive_ok=st.booleans(),
    age_band=st.sampled_from(["0-4", "12-17", "18-59", "60+", "unknown"]),
)
moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


class TestAlways:
    @given(contacts, st.sampled_from(["S1", "S2", "S3"]), moments, st.integers(0, 2))
    def test_a_send_breaks_no_rule(self, contact, sensitivity, now, today):
        local = now.astimezone(ZoneInfo(contact.timezone))
        decision = decided(contact, Message("S2", sensitivity), Past({local.date(): today}), now)
        if isinstance(decision, Hold):
            later = decided(contact, Message("S2", sensitivity), Past({local.date(): today}), decision.until)
            assert decision.until > now
            assert isinstance(later, Send)
        if isinstance(decision, Send):
            assert contact.contact_allowed
            assert contact.channel == "sms"
            assert today == 0
            assert decision.template_id == ("S3" if sensitivity == "S3" else "S2")
            assert (
                contact.safe_hours[0] == "20:00"
                or "09:00" <= f"{local:%H:%M}" < "18:00"
                or contact.safe_hours[0] == "00:00"
            )
            assert sensitivity != "S3" or (contact.sensitive_ok and contact.age_band not in {"0-4", "12-17"})
