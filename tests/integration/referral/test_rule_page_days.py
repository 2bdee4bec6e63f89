"""A day on the page of the rules is a day where the coordinator works."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from tests.integration.referral.browsing import Person, form_of
from tests.integration.referral.callers import AUTHOR, SECOND, Caller
from tests.integration.referral.drafting import EVERYTHING, a_draft, act, answered
from tests.integration.referral.world import a_service

LOCAL = ZoneInfo("America/Bogota")


@pytest.fixture
def author(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",)))
    return Caller(app, "coordinator", account_id=AUTHOR)


@pytest.fixture
def second(app):
    return Person(app, "coordinator", account_id=SECOND)


def approved(author, second, *, contingency=False, **days):
    made = author.post("/pathways", {"note": "Prueba", "contingency": contingency}).get_json()
    made = act(author, answered(author, made), "propose")
    page = second.open(f"/referral/rules/{made['id']}")
    days = {name: day.isoformat() for name, day in days.items()}
    response = second.send(form_of(page, "/approve"), **days)
    return author.get(f"/pathways/{made['id']}").get_json(), BeautifulSoup(response.data, "html.parser")


def test_today_means_at_once(author, second):
    today = datetime.now(LOCAL).date()
    made, page = approved(author, second, live_from=today)
    assert made["standing"] == "live", page.find(class_="govuk-error-summary")


def test_another_day_begins_where_the_coordinator_works(author, second):
    day = datetime.now(LOCAL).date() + timedelta(days=2)
    made, _ = approved(author, second, live_from=day)
    assert datetime.fromisoformat(made["live_from"]) == datetime.combine(day, time(), LOCAL)


def test_a_term_ends_as_its_last_day_begins_there(author, second):
    day = datetime.now(LOCAL).date() + timedelta(days=9)
    made, _ = approved(author, second, contingency=True, live_until=day)
    assert datetime.fromisoformat(made["live_until"]) == datetime.combine(day, time(), LOCAL)


def test_a_day_that_is_over_is_refused(author, second):
    made, page = approved(author, second, live_from=datetime.now(LOCAL).date() - timedelta(days=1))
    assert made["state"] == "proposed"
    assert "anterior a ahora" in page.text


def test_the_page_says_whose_clock_counts(author, second):
    made = act(author, answered(author, a_draft(author)), "propose")
    page = second.open(f"/referral/rules/{made['id']}")
    assert "hora de Bogotá, UTC-05:00" in page.find(id="live_from-hint").text
