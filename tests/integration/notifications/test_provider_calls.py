"""The rules say who calls. What they leave to the provider its own people see and nobody else; nothing is forgotten."""

from dataclasses import fields, replace

import pytest
from bs4 import BeautifulSoup

from shared.events.referral import ReferralCancelled
from shared.identity.tokens import mint
from shared.ids import new_id, short_code
from shared.web import Actor
from shared.web.access import SESSION_COOKIE
from tests.integration.notifications.conftest import SECRET, a_referral, accepted


@pytest.fixture
def survivor(service):
    """A survivor whose case worker is due to ask whether she is safe. The fact of the acceptance."""
    fact = accepted(
        a_referral(service_type=None, sensitivity="S3", priority=1, organization_id=new_id()),
        need="GBV.PSY",
        seq=1,
    )
    service.hears(fact)
    service.later(hours=36, minutes=1)
    service.asks()
    return fact


@pytest.fixture
def at_work(app):
    """Somebody of a role in an organization, with a browser: `at_work(organization_id, role)`."""

    def browser(organization_id, role="provider"):
        client = app.test_client()
        actor = Actor(new_id(), role, organization_id, "Prueba", "es", new_id(), "session")
        client.set_cookie(SESSION_COOKIE, mint(actor, secret_key=SECRET))
        return client

    return browser


def ended(fact):
    about = {one.name: getattr(fact, one.name) for one in fields(ReferralCancelled)}
    return ReferralCancelled(**about | {"seq": 2, "status": "cancelled", "turn": "none"})


def page_of(client):
    answer = client.get("/notifications/calls")
    return answer.status_code, BeautifulSoup(answer.data, "html.parser")


def press(client, page, result):
    form = page.find("form", action=lambda to: to and to.endswith(f"/{result}"))
    hidden = {one["name"]: one["value"] for one in form.find_all("input", type="hidden")}
    answer = client.post(form["action"], data=hidden, follow_redirects=True)
    return answer.status_code, BeautifulSoup(answer.data, "html.parser").get_text()


def of_the_focal_point(service):
    return [one["data"] for one in service.told("call.requested.v1")]


def test_her_case_worker_sees_the_call_and_nothing_that_says_why(survivor, service, at_work):
    status, page = page_of(at_work(survivor.organization_id))
    assert status == 200
    code = short_code(survivor.assessment_id)
    assert f"{code[:3]}-{code[3:]}" in page.get_text()
    assert page.find("a", href=f"/referral/referrals/{survivor.referral_id}")
    shown = str(page)
    assert survivor.person_id not in shown
    assert survivor.focal_point_id not in shown
    assert "GBV" not in shown
    assert of_the_focal_point(service) == []


@pytest.mark.parametrize("other", [new_id(), None])
def test_another_organization_sees_and_closes_nothing(survivor, service, at_work, call_as, other):
    assert "No hay llamadas por hacer." in page_of(at_work(other))[1].get_text()
    (row,) = service.rows("SELECT id::text FROM notifications.call")
    caller = call_as("provider", organization_id=other)
    assert caller.get("/calls").get_json()["items"] == []
    assert caller.post(f"/calls/{row['id']}/close", {"result": "done"}).status_code == 404


def test_neither_the_focal_point_nor_coordination_has_it(survivor, service, call_as, at_work):
    (row,) = service.rows("SELECT id::text FROM notifications.call")
    for caller in (call_as("focal_point", account_id=survivor.focal_point_id), call_as("coordinator")):
        assert caller.get("/calls").get_json()["items"] == []
        assert caller.post(f"/calls/{row['id']}/close", {"result": "done"}).status_code == 404
    for role in ("focal_point", "coordinator", "admin"):
        assert page_of(at_work(None, role))[0] == 403


def test_a_provider_has_no_call_of_a_focal_point(service, call_as):
    service.book.default = None
    fact = a_referral()
    service.hears(fact)
    service.sends()
    assert service.calls() == ["no_safe_contact"]
    assert call_as("provider", organization_id=fact.organization_id).get("/calls").get_json()["items"] == []


def test_a_program_of_the_provider_reads_no_person_and_no_focal_point(survivor, call_as):
    caller = call_as("provider", organization_id=survivor.organization_id)
    (call,) = caller.get("/calls").get_json()["items"]
    assert (call["person_id"], call["focal_point_id"]) == (None, None)
    assert (call["referral_id"], call["reason"]) == (survivor.referral_id, "provider_follow_up")


def test_made_is_made_and_the_next_one_comes(survivor, service, at_work):
    client = at_work(survivor.organization_id)
    page = page_of(client)[1]
    assert "Llamada anotada." in press(client, page, "done")[1]
    assert "Esta llamada ya estaba cerrada." in press(client, page, "done")[1]
    service.later(hours=168 - 36)
    service.asks()
    assert service.calls() == ["provider_follow_up"] * 2
    assert of_the_focal_point(service) == []


def test_what_the_provider_cannot_do_the_focal_point_does(survivor, service, at_work, call_as):
    client = at_work(survivor.organization_id)
    status, text = press(client, page_of(client)[1], "handed_on")
    assert status == 200
    assert "El punto focal que derivó a la persona la llamará." in text
    assert "No hay llamadas por hacer." in text
    (asked,) = of_the_focal_point(service)
    assert (asked["reason"], asked["focal_point_id"]) == ("provider_did_not_call", survivor.focal_point_id)
    caller = call_as("focal_point", account_id=survivor.focal_point_id)
    assert [one["reason"] for one in caller.get("/calls").get_json()["items"]] == ["provider_did_not_call"]


def test_nobody_answered_so_the_focal_point_tries(survivor, service, call_as):
    caller = call_as("provider", organization_id=survivor.organization_id)
    (call,) = caller.get("/calls").get_json()["items"]
    assert caller.post(f"/calls/{call['id']}/close", {"result": "no_answer"}).status_code == 204
    assert [one["reason"] for one in of_the_focal_point(service)] == ["provider_did_not_call"]


def test_a_provider_without_accounts_or_time_is_no_silence(survivor, service, at_work):
    service.later(hours=1, minutes=55)
    assert service.asks() == 0
    service.later(minutes=10)
    assert service.asks() == 1
    assert [one["reason"] for one in of_the_focal_point(service)] == ["provider_did_not_call"]
    assert "No hay llamadas por hacer." in page_of(at_work(survivor.organization_id))[1].get_text()
    assert service.asks() == 0


def test_a_referral_that_ended_is_called_about_by_nobody(survivor, service, at_work):
    service.hears(ended(survivor))
    assert "No hay llamadas por hacer." in page_of(at_work(survivor.organization_id))[1].get_text()
    service.later(days=40)
    service.asks()
    assert of_the_focal_point(service) == []


def test_an_emergency_is_asked_about_by_both(service, call_as):
    """The focal point whether the person was taken over, the case worker whether she is safe."""
    fact = a_referral(service_type=None, sensitivity="S3", priority=0, organization_id=new_id())
    service.hears(accepted(fact, need="MHP.SUIC", seq=1))
    for hours in (2, 22):
        service.later(hours=hours, minutes=1)
        service.asks()
    assert sorted(service.calls()) == ["follow_up", "provider_follow_up"]


def test_each_provider_of_a_case_asks_for_itself_and_each_once(service):
    one = a_referral(priority=1, organization_id=new_id())
    again = replace(one, referral_id=new_id())
    another = replace(one, referral_id=new_id(), organization_id=new_id())
    for fact in (one, again, another):
        service.hears(accepted(fact, need="CP.NEGL", seq=1))
    service.later(hours=84, minutes=1)
    assert service.asks() == 3
    found = service.rows("SELECT organization_id::text FROM notifications.call")
    assert {row["organization_id"] for row in found} == {one.organization_id, another.organization_id}
    assert len(found) == 2


def test_a_fact_of_a_release_that_did_not_say_who_is_the_focal_points(service):
    fact = a_referral(service_type=None, sensitivity="S3", priority=1, organization_id=new_id())
    before = {"id": "call-accepted-36h", "after_hours": 36, "mode": "call", "ends_when_completed": False}
    service.hears(accepted(fact, checks=[before], seq=1))
    service.later(hours=36, minutes=1)
    service.asks()
    assert [one["reason"] for one in of_the_focal_point(service)] == ["follow_up"]
