"""Settings that cannot work stop the process, by name and without their values."""

import pytest

from services.notifications.settings import Settings
from services.notifications.store.sealing import CannotOpen, Seals
from shared.settings import SettingsError, load

KANNEL = {
    "NOTIFICATIONS_DATABASE_URL": "postgresql://x", "BROKER_URL": "redis://x", "SECRET_KEY": "s" * 32,
    "NOTIFICATIONS_ENCRYPTION_KEY": "00" * 32, "INTAKE_URL": "http://i", "REFERRAL_URL": "http://r",
    "NOTIFICATIONS_URL": "http://n", "SMS_CHANNEL": "kannel", "KANNEL_SENDSMS_URL": "http://k",
    "KANNEL_USERNAME": "u", "KANNEL_PASSWORD": "p", "KANNEL_SMS_FROM": "8070", "KANNEL_DLR_SECRET": "d" * 20,
}  # fmt: skip


class TestSettings:
    def test_kannel_fully_set_is_fine(self):
        load(Settings, KANNEL).check()

    @pytest.mark.parametrize(
        "name", [name for name in KANNEL if name.startswith(("KANNEL", "NOTIFICATIONS_URL"))]
    )
    def test_kannel_half_set_is_refused_by_name(self, name):
        with pytest.raises(SettingsError, match=name):
            load(Settings, KANNEL | {name: ""}).check()

    def test_a_short_secret_is_refused_without_its_value(self):
        with pytest.raises(SettingsError) as caught:
            load(Settings, KANNEL | {"KANNEL_DLR_SECRET": "short-one"}).check()
        assert "short-one" not in str(caught.value)

    def test_a_sandbox_in_production_is_refused(self):
        with pytest.raises(SettingsError, match="nobody would get a message"):
            load(Settings, KANNEL | {"SMS_CHANNEL": "sandbox"}).check()
        load(Settings, KANNEL | {"SMS_CHANNEL": "sandbox", "RUTA_ENVIRONMENT": "demo"}).check()

    @pytest.mark.parametrize(
        ("name", "value"), [("SMS_CHANNEL", "fax"), ("MESSAGES_PER_DAY", "0"), ("MESSAGES_PER_WEEK", "x")]
    )
    def test_what_cannot_be_read_is_refused(self, name, value):
        with pytest.raises(SettingsError, match=name):
            load(Settings, KANNEL | {name: value})

    def test_no_secret_shows(self):
        shown = repr(load(Settings, KANNEL))
        assert "d" * 20 not in shown
        assert "00" * 32 not in shown


class TestSeals:
    NEW, OLD = "11" * 32, "22" * 32

    def test_a_number_is_the_same_however_it_is_written_and_does_not_show(self):
        seals = Seals.from_setting(self.NEW)
        assert seals.index("+57 300 111-2233") == seals.index("573001112233") == seals.index("00573001112233")
        assert seals.index("+573001112234") != seals.index("+573001112233")

    def test_another_key_gives_another_index(self):
        assert Seals.from_setting(self.NEW).index("1234567") != Seals.from_setting(self.OLD).index("1234567")

    def test_a_key_can_be_replaced(self):
        both = Seals.from_setting(f"{self.NEW},{self.OLD}")
        before = Seals.from_setting(self.OLD)
        assert before.index("1234567") in both.indexes("1234567")
        assert both.open("row", before.seal("row", "sí")) == "sí"
        assert both.index("1234567") == Seals.from_setting(self.NEW).index("1234567")

    def test_a_text_opens_for_its_own_row_only(self):
        seals = Seals.from_setting(self.NEW)
        sealed = seals.seal("row", "sí")
        assert "sí".encode() not in sealed
        for row, keys in (("other", self.NEW), ("row", self.OLD)):
            with pytest.raises(CannotOpen):
                Seals.from_setting(keys).open(row, sealed)

    @pytest.mark.parametrize("text", ["", ",", "abc", "00" * 31, "not base64 at all !!!"])
    def test_what_is_no_key_is_refused_without_showing_it(self, text):
        with pytest.raises(ValueError, match="key") as caught:
            Seals.from_setting(text)
        assert not text.strip(",") or text not in str(caught.value)
