from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from tests.integration.referral.browsing import Person, focal_point, form_of, provider
from tests.integration.referral.world import a_service, an_assessment, an_id


@pytest.fixture
def case(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Uno", "LEG_MIG"), a_service("Dos", "LEG_MIG"))
    made = an_assessment("LEG.REG")
    world.route(made)
    return made


@pytest.fixture
def referral(world, case):
    return next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")


class TestInbox:
    def test_a_new_case_is_accepted_on_its_card(self, app, world, referral):
        person = provider(app, referral)
        page = person.open("/referral/inbox")
        card = page.select_one("article")
        assert "quedan" in card.text
        assert "ejemplo" not in card.text
        response = person.send(form_of(page, "/steps/accept"))
        assert "Aceptó la derivación" in response.text
        assert world.referrals()[0].status == "accepted"
        assert not person.open("/referral/inbox").select("article")
        assert person.open("/referral/inbox?tab=running").select("article")

    def test_a_case_is_declined_on_its_card_with_a_reason(self, app, world, referral):
        person = provider(app, referral)
        page = person.open("/referral/inbox")
        assert "No puede" not in page.text
        response = person.send(form_of(page, "/steps/reject"), reason="NO_CAPACITY")
        assert "Ya buscamos otro prestador" in response.text
        assert {one.status for one in world.referrals()} >= {"rejected", "requested"}
        assert person.open("/referral/inbox?tab=closed").select("article")

    def test_declining_without_a_reason_says_what_is_missing(self, app, referral):
        person = provider(app, referral)
        response = person.send(form_of(person.open("/referral/inbox"), "/steps/reject"))
        assert response.status_code == 422
        page = BeautifulSoup(response.data, "html.parser")
        assert "Elija un motivo" in page.select_one(".govuk-error-summary").text

    def test_the_list_goes_on(self, app, world, referral):
        world.route(*(an_assessment("LEG.REG") for _ in range(70)))
        person = provider(app, referral)
        seen, path = set(), "/referral/inbox"
        while path:
            page = person.open(path)
            seen |= {one["id"] for one in page.select("article h3")}
            link = page.select_one("a[rel=next]")
            path = f"/referral/inbox{link['href']}" if link else None
        mine = [one for one in world.referrals() if one.organization_id == referral.organization_id]
        assert len(seen) == len(mine)

    @pytest.mark.parametrize("query", ["after=x", "tab=closed&after=WzEsMl0", "after=WzEsMiwzXQ", "tab=none"])
    def test_a_broken_link_is_no_error_of_ours(self, app, referral, query):
        response = provider(app, referral).client.get(f"/referral/inbox?{query}")
        assert response.status_code in {200, 422}


class TestReferralPage:
    def test_opening_it_tells_that_somebody_saw_it(self, app, world, referral):
        person = provider(app, referral)
        page = person.open(f"/referral/referrals/{referral.id}")
        assert "se ven al aceptar" in page.text
        assert world.referrals()[0].status == "received"
        person.open(f"/referral/referrals/{referral.id}")
        assert world.referrals()[0].version == 2

    def test_a_whole_case_without_scripts(self, app, world, referral):
        person = provider(app, referral)
        page = person.open(f"/referral/referrals/{referral.id}")
        soon = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT10:00")
        person.send(form_of(page, "/steps/accept"), appointment_at=soon)
        page = person.open(f"/referral/referrals/{referral.id}")
        assert "Por ahora no se pueden ver los datos" in page.text
        person.send(form_of(page, "/steps/start"))
        page = person.open(f"/referral/referrals/{referral.id}")
        person.send(form_of(page, "/steps/complete"), outcome="NEED_MET")
        assert world.referrals()[0].status == "completed"
        assert world.referrals()[0].appointment_at.hour == 15

    def test_what_is_wrong_is_shown_and_nothing_is_lost(self, app, world, referral):
        person = provider(app, referral)
        page = person.open(f"/referral/referrals/{referral.id}")
        response = person.send(form_of(page, "/steps/reject"), reason="OTHER")
        assert response.status_code == 422
        assert "Explique brevemente" in response.text
        assert world.referrals()[0].status == "received"

    @pytest.mark.parametrize(
        ("ending", "sent", "steps"),
        [
            ("/steps/reject", {}, ()),
            ("/steps/reject", {"reason": "OTHER"}, ()),
            ("/steps/hold", {}, ()),
            ("/steps/accept", {"appointment_at": "2020-01-01T10:00"}, ()),
            ("/steps/hold", {"contact_attempts": "1"}, ("accept",)),
            ("/steps/complete", {}, ("accept",)),
        ],
    )
    def test_an_error_leads_to_its_field_in_the_form_that_was_sent(self, app, referral, ending, sent, steps):
        person, path = provider(app, referral), f"/referral/referrals/{referral.id}"
        for step in steps:
            person.send(form_of(person.open(path), f"/steps/{step}"))
        response = person.send(form_of(person.open(path), ending), **sent)
        assert response.status_code == 422
        page = BeautifulSoup(response.data, "html.parser")
        field = page.select_one(page.select_one(".govuk-error-summary a")["href"])
        assert field.find_parent("form")["action"].endswith(ending)
        assert all(one.has_attr("open") for one in field.find_parents("details"))
        assert [one.find_parent("form") for one in page.select(".govuk-error-message")] == [
            field.find_parent("form")
        ]
        assert len(page.select("[id]")) == len({one["id"] for one in page.select("[id]")})

    def test_whose_turn_it_is_is_said_to_the_reader(self, app, referral):
        path = f"/referral/referrals/{referral.id}"
        assert "Le toca a usted" in provider(app, referral).open(path).text
        page = focal_point(app).open(path)
        assert "Le toca al prestador" in page.text
        assert "Le toca a usted" not in page.text

    def test_a_view_that_got_old_is_refused_kindly(self, app, referral):
        person = provider(app, referral)
        page = person.open("/referral/inbox")
        person.send(form_of(page, "/steps/accept"))
        response = person.send(form_of(page, "/steps/reject"), reason="NO_CAPACITY")
        assert response.status_code == 422
        assert "cambió mientras la revisaba" in response.text

    def test_another_organization_finds_nothing(self, app, referral):
        other = Person(app, "provider", an_id("organization none"))
        assert other.client.get(f"/referral/referrals/{referral.id}").status_code == 404

    def test_a_form_from_elsewhere_is_refused(self, app, referral):
        person = provider(app, referral)
        response = person.client.post(f"/referral/referrals/{referral.id}/steps/accept", data={"version": 1})
        assert response.status_code == 403

    def test_the_focal_point_reads_why(self, app, referral):
        page = focal_point(app).open(f"/referral/referrals/{referral.id}")
        assert "Por qué este prestador" in page.text
        assert referral.route["row_id"] in page.text


class TestPlaces:
    def test_a_provider_says_how_many_places_are_left(self, app, world, referral):
        person = provider(app, referral)
        page = person.open("/referral/places")
        assert "No sabemos cuántos cupos hay" in page.text
        person.send(form_of(page, referral.service_id), available="4", status="has_capacity", days="3")
        (row,) = world.rows("SELECT * FROM referral.capacity")
        assert row["available"] == 4
        assert "4" in person.open("/referral/places").select_one("b").text

    def test_a_number_that_is_none_is_refused_beside_its_field(self, app, referral):
        person = provider(app, referral)
        page = person.open("/referral/places")
        response = person.send(form_of(page, referral.service_id), available="many")
        assert response.status_code == 422
        assert "número" in response.text


class TestCoordination:
    def test_clocks_gaps_and_drafts(self, app, world, referral):
        world.route(an_assessment("BAS.FOOD"), an_assessment("GBV.PSY"))
        person = Person(app, "coordinator")
        assert "Los próximos plazos" in person.open("/referral/clocks").text
        page = person.open("/referral/gaps")
        assert "Reservado" in page.text
        for link in page.select("a[href^='/referral/gaps/']"):
            assert person.open(link["href"]).select_one("h1")
        assert "No hay borradores" in person.open("/referral/drafts").text
        assert person.open(f"/referral/referrals/{referral.id}").select_one("h1")

    def test_the_worst_gaps_come_first_and_the_list_goes_on(self, app, world, case):
        emergency = ("GBV.RAPE", {"elapsed": "le_24h"})
        world.route(*(an_assessment("BAS.FOOD", emergency) for _ in range(20)))
        person, path, said = Person(app, "coordinator"), "/referral/gaps", []
        while path:
            page = person.open(path)
            said += [one.text for one in page.select(".ruta-priority")]
            link = page.select_one("a[rel=next]")
            path = f"/referral/gaps{link['href']}" if link else None
        assert len(said) == len(world.rows("SELECT id FROM referral.gap"))
        assert said == sorted(said, key=["Emergencia", "Urgente", "Prioritario", "Normal"].index)
        assert "Emergencias sin respuesta" in person.open("/referral/clocks").select_one(".ruta-alert").text
        assert person.client.get("/referral/gaps?after=WzksIjEiXQ").status_code == 422

    def test_a_gap_is_closed_with_a_reason(self, app, world, case):
        world.route(an_assessment("BAS.FOOD"))
        person = Person(app, "coordinator")
        link = person.open("/referral/gaps").select_one("a[href^='/referral/gaps/']")["href"]
        refused = person.send(form_of(person.open(link), "/close"))
        assert refused.status_code == 422
        done = person.send(form_of(person.open(link), "/close"), reason="need_gone")
        assert "La brecha quedó cerrada" in done.text

    def test_a_notice_is_confirmed_by_its_focal_point(self, app, world, case):
        world.directory(a_service("Autoridad", "CP_AUTH", capabilities=["icbf"]))
        world.route(an_assessment("CP.SEXAB", age_band="5-11"))
        page = focal_point(app).open("/referral/drafts")
        focal_point(app)
        person = focal_point(app)
        page = person.open("/referral/drafts")
        person.send(form_of(page, "/steps/confirm"))
        assert not [one for one in world.referrals() if one.status == "draft" and not one.waiting]


def test_what_a_restricted_draft_waits_for_is_not_told_to_coordination(app, world, case):
    world.directory(a_service("Niñez", "CP_AUTH", "EDU_AUTH", "HE_PRIM", capabilities=["icbf"]))
    child = an_assessment("CP.UNACC", age_band="12-17")
    world.route(child)
    waiting = [one for one in world.referrals(child) if one.route.get("waits_for")]
    assert {one.sensitivity for one in waiting} == {"S3"}
    said = Person(app, "coordinator").open("/referral/drafts").text
    assert said.count("Espera a que termine el paso anterior.") == len(waiting)
    assert "Espera a que termine:" not in said
    assert "Espera a que termine:" in focal_point(app).open("/referral/drafts").text


@pytest.mark.parametrize("path", ["inbox", "places", "clocks", "gaps", "drafts"])
def test_nobody_reads_a_page_without_signing_in(app, path):
    response = app.test_client().get(f"/referral/{path}")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/account/sign-in")
