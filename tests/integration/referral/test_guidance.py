"""What whoever makes a referral reads beside it: what to mind, the law on reporting, permits by date."""

from datetime import UTC, datetime

import pytest

from tests.integration.referral.browsing import Person, focal_point, provider
from tests.integration.referral.world import a_service, an_assessment


@pytest.fixture
def directory(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", "LEG_MIG", "CP_AUTH", "CP_CM", capabilities=("icbf", "cp_specialist")))
    return world


def page_of(world, person, service):
    referral = next(one for one in world.referrals() if one.service_type == service)
    return person.open(f"/referral/referrals/{referral.id}").text


def test_a_notice_to_an_authority_stands_with_the_law_and_that_nobody_reviewed_it(app, directory):
    directory.route(an_assessment("CP.ABUSE", age_band="5-11"))
    for text in (
        page_of(directory, focal_point(app), "CP_AUTH"),
        focal_point(app).open("/referral/drafts").text,
    ):
        assert "No avise a la persona señalada" in text
        assert "Ley 1098 de 2006" in text
        assert "Sin revisar: confirme con asesoría legal" in text
        assert "decide con usted cómo y cuándo se avisa" in text


def test_a_permit_is_named_with_its_state_on_the_day(app, directory):
    directory.route(an_assessment("LEG.REG"))
    text = page_of(directory, focal_point(app), "LEG_MIG")
    assert "Revise si el permiso está abierto antes de nombrarlo" in text
    assert "PEP-Tutor" in text
    assert "VIRTE" not in text


def test_it_is_for_whoever_makes_the_referral(app, directory):
    directory.route(an_assessment("LEG.REG"))
    referral = next(one for one in directory.referrals() if one.service_type == "LEG_MIG")
    for person in (Person(app, "coordinator"), provider(app, referral)):
        assert "Tenga en cuenta" not in person.open(f"/referral/referrals/{referral.id}").text
