"""The focal point's pages, as a browser without scripts uses them."""

import gzip
from datetime import timedelta

import pytest

from shared.clock import rfc3339, utc_now
from shared.events.notifications import CallClosed, CallRequested, NotificationUpdated
from shared.events.referral import (
    GapRecorded,
    ReferralAccepted,
    ReferralCompleted,
    ReferralDrafted,
    ReferralRequested,
)
from shared.ids import new_id, short_code
from tests.integration.intake.browsing import Browser
from tests.integration.intake.test_submitting import now_document


@pytest.fixture
def browser(intake, focal_point):
    return Browser(intake, focal_point.account_id, intake.organization_id)


def post(focal_point, **changes):
    document = now_document(person__id=new_id(), **changes)
    answer = focal_point.post("/assessments", document)
    assert answer.status_code == 201, answer.text
    needs = [need["id"] for need in answer.json["needs"]]
    return {"id": document["id"], "person": document["person"]["id"], "needs": needs}


def referral(focal_point, case, kind=ReferralRequested, **changes):
    return kind(
        **{
            "referral_id": new_id(),
            "assessment_id": case["id"],
            "person_id": case["person"],
            "need_id": case["needs"][0],
            "organization_id": new_id(),
            "service_id": new_id(),
            "referring_organization_id": focal_point.organization_id,
            "focal_point_id": focal_point.account_id,
            "service_type": "LEG_MIG",
            "status": "requested",
            "turn": "provider",
            "due_at": rfc3339(utc_now() + timedelta(hours=24)),
            "seq": 1,
            "priority": 1,
            **changes,
        }
    )


class TestToday:
    def test_nothing_yet(self, browser):
        assert "Nada pendiente" in browser.open("/intake/cases").text

    def test_cases_without_names_most_overdue_first(self, intake, focal_point, browser):
        late, later = post(focal_point), post(focal_point)
        intake.hears(
            referral(focal_point, later),
            referral(focal_point, late, due_at=rfc3339(utc_now() - timedelta(hours=2)), turn="focal_point"),
        )
        browser.open("/intake/cases")
        codes = [one.get_text() for one in browser.page.find_all("h3")]
        assert [code.replace("-", "") for code in codes] == [short_code(late["id"]), short_code(later["id"])]
        assert "Yusmary" not in browser.text
        assert "Documentos de identidad" in browser.text
        assert "Le toca a usted" in browser.text
        assert "venció hace" in browser.text
        assert browser.page.find(class_="ruta-counters").find("b").get_text() == "1"

    def test_a_need_with_help_that_ended_and_a_draft_of_hers_is_not_at_its_end(
        self, intake, focal_point, browser
    ):
        case = post(focal_point)
        done = {"status": "completed", "turn": "none", "due_at": None, "outcome": "NEED_MET"}
        intake.hears(referral(focal_point, case, ReferralCompleted, **done))
        for path in ("/intake/cases", f"/intake/cases/{case['id']}"):
            last = browser.open(path).page.find(class_="ruta-journey").find_all("li")[-1]
            assert (last["class"], last.get_text()) == (["ruta-done"], "Completada")
        intake.hears(referral(focal_point, case, ReferralDrafted, status="draft", turn="focal_point"))
        for path in ("/intake/cases", f"/intake/cases/{case['id']}"):
            last = browser.open(path).page.find(class_="ruta-journey").find_all("li")[-1]
            assert last["class"] == ["ruta-now"]
            assert last.get_text(" ", strip=True) == "Completada falta otra derivación"
            assert "Le toca a usted" in browser.text

    def test_a_restricted_need_is_not_named_in_a_list(self, focal_point, browser):
        case = post(focal_point, needs=[{"code": "GBV.RAPE"}])
        assert "Violación" not in browser.open("/intake/cases").text
        assert "Necesidad reservada" in browser.text
        assert "Violación" in browser.open(f"/intake/cases/{case['id']}").text

    def test_the_lists_behind_the_counters(self, intake, focal_point, browser):
        case = post(focal_point)
        intake.hears(
            GapRecorded(
                seq=1,
                gap_id=new_id(),
                assessment_id=case["id"],
                person_id=case["person"],
                need_id=case["needs"][0],
                country="CO",
                locality="CO-CUCUTA",
                service_type="LEG_MIG",
                reason="no_service",
                focal_point_id=focal_point.account_id,
            )
        )
        assert "Nadie disponible" in browser.open("/intake/cases?show=gaps").text
        assert "No hay llamadas" in browser.open("/intake/cases?show=calls").text
        for number in range(25):
            post(focal_point, criteria=[f"V{number % 9 + 1:02}"])
        browser.open("/intake/cases?show=all")
        assert len(browser.page.find_all("h3")) == 20
        browser.open("/intake/cases" + browser.page.find("a", rel="next")["href"])
        assert len(browser.page.find_all("h3")) == 6

    def test_a_day_of_cases_is_light(self, intake, focal_point, browser):
        for _ in range(20):
            intake.hears(referral(focal_point, post(focal_point)))
        browser.open("/intake/cases")
        assert len(gzip.compress(browser.answer.data)) < 10_000

    def test_in_english(self, intake, focal_point):
        post(focal_point)
        browser = Browser(intake, focal_point.account_id, intake.organization_id, language="en")
        assert "Looking for somebody who can help" in browser.open("/intake/cases").text
        assert "Woman, 18 to 59 years, Cúcuta" in browser.text

    @pytest.mark.parametrize("role", ["provider", "coordinator", "admin"])
    def test_is_for_focal_points(self, intake, focal_point, role):
        Browser(intake, new_id(), intake.organization_id, role).open("/intake/cases", 403)

    def test_nobody_else_is_sent_to_sign_in(self, intake):
        answer = intake.app.test_client().get("/intake/cases", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "/account/sign-in?next=/intake/cases",
        )


class TestCase:
    def test_the_whole_journey(self, intake, focal_point, browser):
        case = post(focal_point)
        accepted = referral(
            focal_point, case, ReferralAccepted, status="accepted", appointment_at="2026-12-01T15:00:00+00:00"
        )
        intake.hears(
            accepted,
            NotificationUpdated(
                seq=1,
                notification_id=new_id(),
                assessment_id=case["id"],
                referral_id=accepted.referral_id,
                audience="person",
                template_id="S2",
                channel="sms",
                status="delivered",
            ),
        )
        browser.open(f"/intake/cases/{case['id']}")
        steps = browser.page.find(class_="ruta-journey").find_all("li")
        assert [step["class"] for step in steps] == [["ruta-done"]] * 3 + [["ruta-now"]] + [["ruta-next"]] * 2
        assert "Solicitud recibida" in browser.text
        assert "Entregado" in browser.text
        assert "Asesoría migratoria y de refugio" in browser.text
        assert browser.page.find("a", href=f"/referral/referrals/{accepted.referral_id}")
        assert "Yusmary" not in browser.text

    def test_a_name_is_shown_on_request_and_written_down(self, intake, focal_point, browser):
        case = post(focal_point)
        browser.open(f"/intake/cases/{case['id']}").send(f"/intake/cases/{case['id']}/person")
        assert "Yusmary Ejemplo" in browser.text
        assert browser.page.find("a", href="tel:+573001234567")
        assert "lunes, martes, 09:00 – 18:00" in browser.text
        assert len(intake.rows("SELECT id FROM intake.access")) == 1
        assert "Yusmary" not in browser.open(f"/intake/cases/{case['id']}").text
        assert "Un punto focal abrió los datos" in browser.text

    def test_an_outcome_counts_once_however_often_it_is_sent(self, intake, focal_point, browser):
        case = post(focal_point)
        intake.hears(referral(focal_point, case, ReferralAccepted, status="accepted"))
        action = f"/intake/cases/{case['id']}/outcomes"
        browser.open(f"/intake/cases/{case['id']}")
        page = browser.answer
        browser.send(action, outcome="GRANTED")
        assert "Resultado guardado" in browser.text
        assert "lo anotó el punto focal" in browser.text
        browser.answer = page
        browser.send(action, outcome="GRANTED")
        assert len(intake.events("outcome.reported.v1")) == 1

    def test_a_call_is_ticked_off(self, intake, focal_point, browser):
        case = post(focal_point)
        call_id = new_id()
        intake.hears(
            CallRequested(
                seq=1,
                call_id=call_id,
                assessment_id=case["id"],
                referral_id=None,
                person_id=case["person"],
                focal_point_id=focal_point.account_id,
                reason="asked_for_call",
                due_at=rfc3339(utc_now()),
            )
        )
        assert "Pidió que la llamen" in browser.open(f"/intake/cases/{case['id']}").text
        page = browser.answer
        browser.send(f"/intake/cases/{case['id']}/calls/{call_id}/done")
        assert "Llamada anotada" in browser.text
        assert "Pidió que la llamen" not in browser.text
        browser.answer = page
        browser.send(f"/intake/cases/{case['id']}/calls/{call_id}/done")
        (told,) = intake.events("call.closed.v1")
        assert (told["call_id"], told["result"]) == (call_id, "done")

    def test_a_call_that_was_closed_elsewhere_is_struck_out(self, intake, focal_point, browser):
        case = post(focal_point)
        which = {"call_id": new_id(), "assessment_id": case["id"]}
        about = {"person_id": case["person"], "focal_point_id": focal_point.account_id, "referral_id": None}
        asked = CallRequested(seq=1, **which, **about, reason="follow_up", due_at=rfc3339(utc_now()))
        intake.hears(asked)
        assert "Toca saber cómo va" in browser.open(f"/intake/cases/{case['id']}").text
        intake.hears(CallClosed(seq=CallClosed.HERE, **which, result="done"))
        assert "Toca saber cómo va" not in browser.open(f"/intake/cases/{case['id']}").text

    def test_a_permission_is_taken_back(self, intake, focal_point, browser):
        case = post(focal_point)
        browser.open(f"/intake/cases/{case['id']}").send(
            f"/intake/cases/{case['id']}/withdraw-consent", scope="share"
        )
        assert "Se retiró el permiso" in browser.text
        assert "La persona retiró su permiso" in browser.text
        assert len(intake.events("consent.withdrawn.v1")) == 1

    def test_a_colleague_cannot_reveal_a_restricted_case(self, intake, focal_point):
        case = post(focal_point, needs=[{"code": "GBV.RAPE"}, {"code": "BAS.FOOD"}])
        colleague = Browser(intake, new_id(), intake.organization_id).open(f"/intake/cases/{case['id']}")
        assert colleague.page.find("form", action=f"/intake/cases/{case['id']}/person") is None
        assert "Violación" not in colleague.text

    def test_a_form_from_elsewhere_is_refused(self, intake, focal_point, browser):
        case = post(focal_point)
        answer = browser.client.post(f"/intake/cases/{case['id']}/withdraw-consent", data={"scope": "all"})
        assert answer.status_code == 403
        assert intake.events("consent.withdrawn.v1") == []

    def test_another_organizations_case_is_not_found(self, intake, focal_point):
        case = post(focal_point)
        Browser(intake, new_id(), new_id()).open(f"/intake/cases/{case['id']}", 404)
