"""What the page of a referral shows of the person, with an intake service that answers."""

from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from tests.integration.referral.browsing import FakeIntake, form_of, provider
from tests.integration.referral.callers import make_app
from tests.integration.referral.world import a_service, an_assessment


@pytest.fixture
def referral(world):
    world.now = datetime.now(UTC)
    world.directory(a_service("Uno", "LEG_MIG"))
    world.route(an_assessment("LEG.REG"))
    return world.referrals()[0]


class TestPerson:
    """What the page shows of the person, with an intake service that answers."""

    ANSWER: ClassVar = {
        "name": "Nombre Ejemplo",
        "phone": "+573001112233",
        "phone_reason": None,
        "phone_owner": "shared",
        "channel": "sms",
        "neutral_name": "Ana",
        "safe_days": [],
        "safe_hours": ["00:00", "24:00"],
        "timezone": "America/Bogota",
        "accessibility": ["step_free"],
    }

    @pytest.fixture
    def intake(self):
        fake = FakeIntake()
        yield fake
        fake.stop()

    @pytest.fixture
    def app(self, stack, intake):
        return make_app(stack, intake.url)

    def accepted(self, app, referral):
        person = provider(app, referral)
        person.send(form_of(person.open("/referral/inbox"), "/steps/accept"))
        return person

    def test_the_safe_contact_comes_first(self, app, intake, referral):
        intake.answer = (200, self.ANSWER)
        page = self.accepted(app, referral).open(f"/referral/referrals/{referral.id}")
        box = page.select_one("section")
        assert "Nombre Ejemplo" in box.text
        assert "Cualquier día" in box.text
        assert box.select_one("a[role=button][href='tel:+573001112233']")
        asked = intake.asked[-1]
        assert asked["organization_id"] == referral.organization_id
        assert asked["need_id"] == referral.need_id

    def test_outside_the_safe_hours_there_is_no_call_button(self, app, intake, referral):
        clock = datetime.now(ZoneInfo("America/Bogota"))
        tomorrow = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(clock.weekday() + 2) % 7]
        intake.answer = (200, {**self.ANSWER, "safe_days": [tomorrow], "safe_hours": ["09:00", "10:00"]})
        page = self.accepted(app, referral).open(f"/referral/referrals/{referral.id}")
        assert "Ahora no es seguro llamar" in page.text
        assert not page.select("a[href^='tel:']")

    def test_who_named_no_hours_is_called_in_office_hours(self, app, intake, referral):
        intake.answer = (200, {**self.ANSWER, "safe_hours": None})
        page = self.accepted(app, referral).open(f"/referral/referrals/{referral.id}")
        assert "09:00 – 18:00" in page.text

    def test_without_consent_nothing_is_shown(self, app, intake, referral):
        intake.answer = (403, {"code": "not_shared"})
        page = self.accepted(app, referral).open(f"/referral/referrals/{referral.id}")
        assert "ya no permite ver sus datos" in page.text
        assert "Nombre Ejemplo" not in page.text

    @pytest.mark.parametrize("answer", [(500, {}), (200, {"name": 7}), (200, [])])
    def test_an_intake_that_answers_nonsense_counts_as_away(self, app, intake, referral, answer):
        intake.answer = answer
        page = self.accepted(app, referral).open(f"/referral/referrals/{referral.id}")
        assert "Por ahora no se pueden ver los datos" in page.text
