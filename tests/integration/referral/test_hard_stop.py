"""A version by which somebody with a safety flag would lose a protective route is not published, whoever asks."""

from datetime import UTC, datetime

import pytest

from shared.clock import rfc3339
from tests.integration.referral.browsing import Person, form_of
from tests.integration.referral.callers import AUTHOR, SECOND, Caller
from tests.integration.referral.drafting import EVERYTHING, a_draft, act, answered, changed, upload
from tests.integration.referral.world import a_service, an_assessment


@pytest.fixture
def directory(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, "GBV_CM", capabilities=("cmr_kit", "gbv_specialist")))
    return world


def survivor(directory):
    """Somebody whose case management the changed table takes back to a mere mention."""
    need = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})
    directory.route(an_assessment(need, assessed_at=rfc3339(directory.now)))


@pytest.fixture
def weaker(author):
    """Proved and answered for: no promise is broken, and yet it protects less."""
    text = changed("R-GBV-01.4", '""PAR""', '""OPT""', table="routing")
    made = upload(author, a_draft(author), "routing", text).get_json()
    made = answered(author, made)
    assert made["state"] == "proved"
    return made


def test_it_is_not_proposed(directory, author, weaker):
    survivor(directory)
    refused = author.post(f"/pathways/{weaker['id']}/propose", {"version": weaker["version"]})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "replay_stops")
    assert author.get(f"/pathways/{weaker['id']}").get_json()["state"] == "proved"


def test_nor_approved_when_such_a_case_came_after_it_was_proposed(app, directory, author, weaker):
    made = act(author, weaker, "propose")
    survivor(directory)
    second = Caller(app, "coordinator", account_id=SECOND)
    refused = second.post(f"/pathways/{made['id']}/approve", {"version": made["version"]})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "replay_stops")


def test_the_page_says_it_in_plain_words_and_what_to_do(app, directory, weaker):
    survivor(directory)
    person = Person(app, "coordinator", None, AUTHOR)
    path = f"/referral/rules/{weaker['id']}"
    said = person.send(form_of(person.open(path), "/propose")).text
    assert "La simulación lo impide" in said
    replayed = person.send(form_of(person.open(path), "/replay#replay"), directory="both").text
    assert "Esta versión no se puede publicar" in replayed
    assert "Qué hacer:" in replayed
    assert "Pierde protección" in replayed
    assert "R-GBV-01.4" in replayed


def test_without_such_a_case_it_goes_on(directory, author, weaker):
    assert act(author, weaker, "propose")["state"] == "proposed"
